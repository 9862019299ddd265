//! The list of cases, and the macro that generates their tests.

/// Generates one `#[test]` for each function in [`testing::adapter`](crate::testing::adapter), in
/// the calling module.
///
/// In `adapter_suite!(User, mount)`, `User` is an entity of your framework and `mount` mounts your
/// adapter in an app. [`testing::adapter`](crate::testing::adapter) describes both. Attributes
/// before them are put on every test.
#[doc(hidden)]
#[macro_export]
macro_rules! __adapter_suite {
    (@list $($to:tt)*) => {
        $crate::__adapter_suite! {
            $($to)*
            [
                header_values_may_be_any_bytes
                a_cancelled_delivery_is_not_lost
                a_cancelled_request_blocks_no_other
                a_forged_delivery_changes_nothing
                a_genuine_delivery_starts_a_look
                a_guarded_callback_needs_the_cookie
                an_attempt_is_its_owners
                a_handle_is_the_last_raw_segment
                paths_are_matched_raw
                a_misdirected_webhook_is_answered
                a_rejection_is_forwarded_unchanged
                a_repeated_header_stays_repeated
                a_slow_handler_delays_no_reply
                bodies_are_read_to_their_limit
                bodies_of_unknown_length_are_read_to_their_limit
                bodies_that_are_not_text_are_answered
                browsers_get_the_public_addresses
                other_methods_get_405
                other_origins_are_refused_before_login
                rate_limits_are_per_owner
                a_head_is_refused_before_the_body_arrives
                replies_have_no_other_headers
                the_rest_of_the_app_is_unchanged
                the_callback_forwards_the_query_raw
                the_content_type_is_ignored
                the_extractor_runs_before_the_body_is_read
                the_public_routes_need_no_login
                the_routes_answer_at_any_prefix
                every_route_answers_its_owner
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
