use actix_web::web::ServiceConfig;
use actix_web::{FromRequest, HttpRequest};
use nango_actix::nango_core::{Nango, TagMapper};

#[derive(TagMapper)]
#[nango(crate = ::nango_actix::nango_core)]
struct User(#[nango(id)] u64);

impl FromRequest for User {
    fn from_request(_: &HttpRequest) -> Option<Self> {
        None
    }
}

fn owner_routes(nango: Nango) {
    let _ = nango_actix::owner_routes::<User>(nango);
}

fn public_routes(config: &mut ServiceConfig, nango: Nango) {
    config.configure(nango_actix::public_routes(nango));
}

fn main() {
    let _ = (owner_routes, public_routes);
}
