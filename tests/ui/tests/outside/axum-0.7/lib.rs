//! What the example of nango-axum uses of axum, under another version.

pub use http;

pub struct Router<S = ()>(S);

impl<S> Router<S> {
    pub fn new() -> Self {
        unimplemented!()
    }

    pub fn nest(self, _path: &str, _router: Router<S>) -> Self {
        self
    }
}

pub async fn serve<L>(_listener: L, _router: Router) -> std::io::Result<()> {
    Ok(())
}

pub mod extract {
    pub trait FromRequestParts<S>: Sized {
        type Rejection;

        fn from_request_parts(
            parts: &mut http::request::Parts,
            state: &S,
        ) -> impl Future<Output = Result<Self, Self::Rejection>> + Send;
    }
}
