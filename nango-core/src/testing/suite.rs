//! What the contract suites share: their cases, and the tests made of them.

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

/// The result of a `make_..` function of a suite: what is tested, or a pair of it and a value that has
/// to live as long, such as a folder.
pub trait Fixture<T: ?Sized> {
    /// Separates what is tested from the rest.
    fn into_parts(self) -> (Arc<T>, Box<dyn Any>);
}

type Run<T> = fn(Arc<T>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// One function of a suite.
pub struct Case<T: ?Sized> {
    name: &'static str,
    run: Run<T>,
}

impl<T: ?Sized> Clone for Case<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Case<T> {}

impl<T: ?Sized> Case<T> {
    #[doc(hidden)]
    #[must_use]
    pub fn new(name: &'static str, run: Run<T>) -> Self {
        Self { name, run }
    }

    /// Returns the name of the function.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Calls the function with what `make` returns, on a runtime with several threads.
    pub fn run<F: Fixture<T>>(&self, make: impl AsyncFnOnce() -> F) {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
        runtime.block_on(async {
            let (tested, guard) = make().await.into_parts();
            (self.run)(tested).await;
            drop(guard);
        });
    }
}

impl<T: ?Sized> fmt::Debug for Case<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Case").field(&self.name).finish()
    }
}

/// Creates the tests of a suite, or the list of its cases. The module of `testing` that has the functions
/// comes first, then their names.
#[doc(hidden)]
#[macro_export]
macro_rules! __contract_suite {
    ($suite:ident [$($name:ident)*] @cases) => {
        ::std::vec![$($crate::__contract_suite!(@case $suite $name)),*]
    };
    (@case $suite:ident $name:ident) => {
        $crate::testing::$suite::Case::new(
            ::core::stringify!($name),
            |tested| ::std::boxed::Box::pin(async move { $crate::testing::$suite::$name(&tested).await }),
        )
    };
    (@tests $suite:ident $attributes:tt ($make:expr) [$($name:ident)*]) => {
        $($crate::__contract_suite! { @test $suite $attributes ($make) $name })*
    };
    (@test $suite:ident ($(#[$attribute:meta])*) ($make:expr) $name:ident) => {
        #[test]
        $(#[$attribute])*
        fn $name() {
            $crate::__contract_suite!(@case $suite $name).run($make);
        }
    };
    (@attributes $suite:ident $names:tt ($($done:tt)*) #[$attribute:meta] $($rest:tt)*) => {
        $crate::__contract_suite! { @attributes $suite $names ($($done)* #[$attribute]) $($rest)* }
    };
    (@attributes $suite:ident $names:tt $attributes:tt $make:expr $(,)?) => {
        $crate::__contract_suite! { @tests $suite $attributes ($make) $names }
    };
    ($suite:ident $names:tt $($attributes_and_make:tt)*) => {
        $crate::__contract_suite! { @attributes $suite $names () $($attributes_and_make)* }
    };
}
