//! The list of cases, and the tests made of it.

/// Makes one `#[test]` of each function in [`testing::adapter`](crate::testing::adapter), in the module where it stands.
///
/// `adapter_suite!(User, mount)`: `User` is an entity of your framework, `mount` puts your adapter into an app; what both
/// have to be like is said at [`testing::adapter`](crate::testing::adapter). Attributes before them go on every test.
#[doc(hidden)]
#[macro_export]
macro_rules! __adapter_suite {
    (@list $($to:tt)*) => {
        $crate::__adapter_suite! {
            $($to)*
            [
                a_broken_header_is_only_bytes
                a_cancelled_delivery_is_not_lost
                a_cancelled_request_leaves_nothing_behind
                a_forged_delivery_changes_nothing
                a_genuine_delivery_is_looked_into
                a_handle_is_the_last_raw_segment
                a_path_is_matched_as_it_came
                a_rejection_is_passed_on_untouched
                a_repeated_header_stays_repeated
                bodies_are_read_to_their_limit
                bodies_of_unknown_length_are_read_to_their_limit
                bodies_that_are_not_text_are_answered
                other_methods_are_answered_by_the_route
                other_origins_are_refused_before_login
                owners_have_limits_of_their_own
                refused_by_the_head_without_the_body
                replies_have_no_other_headers
                the_app_around_it_is_untouched
                the_callback_passes_the_query_on_raw
                the_content_type_does_not_matter
                the_extractor_comes_before_the_body
                the_public_routes_need_no_login
                the_routes_answer_at_any_prefix
                the_routes_answer_their_owner
            ]
        }
    };
    (@tests $attributes:tt ($user:ty, $mount:expr) [$($name:ident)*]) => {
        $($crate::__adapter_suite! { @test $attributes ($user, $mount) $name })*
    };
    (@test ($(#[$attribute:meta])*) ($user:ty, $mount:expr) $name:ident) => {
        #[test]
        $(#[$attribute])*
        fn $name() {
            $crate::testing::adapter::run($crate::testing::adapter::$name::<$user, _>($mount));
        }
    };
    ($(#[$attribute:meta])* $user:ty, $mount:expr $(,)?) => {
        $crate::__adapter_suite! { @list @tests ($(#[$attribute])*) ($user, $mount) }
    };
}
