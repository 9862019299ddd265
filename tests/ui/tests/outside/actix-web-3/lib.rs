//! What an app uses of actix-web to mount routes, under another version.

pub struct HttpRequest;

pub trait FromRequest: Sized {
    fn from_request(request: &HttpRequest) -> Option<Self>;
}

pub mod web {
    pub struct ServiceConfig;

    impl ServiceConfig {
        pub fn configure<F: FnOnce(&mut Self)>(&mut self, _configure: F) -> &mut Self {
            self
        }
    }
}
