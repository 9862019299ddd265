//! Credentials of connections, by auth mode.

mod kinds;
mod mode;
mod read;

pub use kinds::{
    ApiKeyCredentials, AppCredentials, AppStoreCredentials, AwsSigV4Credentials, BasicCredentials,
    BillCredentials, ClientOverride, CustomCredentials, JwtCredentials, OAuth1Credentials,
    OAuth2ClientCredentials, OAuth2Credentials, SignatureCredentials, TbaCredentials, TwoStepCredentials,
};
pub use mode::AuthMode;
pub use read::{Credentials, OtherCredentials};

pub(super) use read::credentials_in;
