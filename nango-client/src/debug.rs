//! `Debug` without secrets.

/// Implements `Debug` with these fields only: the others are secret or personal.
#[doc(hidden)]
#[macro_export]
macro_rules! __debug_only {
    ($type:ident $(<$lifetime:lifetime>)? { $($field:ident),* }) => {
        impl ::std::fmt::Debug for $type $(<$lifetime>)? {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($type))
                    $(.field(stringify!($field), &self.$field))*
                    .finish_non_exhaustive()
            }
        }
    };
}
