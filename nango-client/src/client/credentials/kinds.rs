//! The fields of each kind of credentials.

use crate::client::reply::reply;
use crate::client::secret::{Secret, SecretFields, SecretJson};
use crate::timestamp::Timestamp;

reply! { @extra SecretFields;
    /// An API key.
    #[derive(Clone, PartialEq, Eq)]
    ApiKeyCredentials {
        /// The key.
        #[serde(rename = "apiKey")]
        api_key: Secret,
        /// The provider's own reply, with which the credentials came.
        raw: Option<SecretJson>,
    }
}

reply! { @extra SecretFields;
    /// The token of an app's installation, such as a GitHub App's.
    #[derive(Clone, PartialEq, Eq)]
    AppCredentials {
        /// The token.
        access_token: Secret,
        /// The app's own token, if it was asked for.
        #[serde(rename = "jwtToken")]
        jwt_token: Option<Secret>,
        /// The time of its expiry, where that is known.
        expires_at: Option<Timestamp>,
        /// The provider's own reply, with which the credentials came.
        raw: Option<SecretJson>,
    }
}

reply! { @extra SecretFields;
    /// Credentials of Apple's App Store.
    #[derive(Clone, PartialEq, Eq)]
    AppStoreCredentials {
        /// The token.
        access_token: Secret,
        /// The private key.
        private_key: Option<Secret>,
        /// The time of its expiry, where that is known.
        expires_at: Option<Timestamp>,
        /// The provider's own reply, with which the credentials came.
        raw: Option<SecretJson>,
    }
}

reply! { @extra SecretFields;
    /// Temporary credentials of AWS.
    #[derive(Clone, PartialEq, Eq)]
    AwsSigV4Credentials {
        /// The id of the key.
        access_key_id: Secret,
        /// The key.
        secret_access_key: Secret,
        /// The token of the session.
        session_token: Secret,
        /// The role.
        role_arn: Option<String>,
        /// The region.
        region: Option<String>,
        /// The service.
        service: Option<String>,
        /// The external id of the role.
        external_id: Option<Secret>,
        /// The time of its expiry, where that is known.
        expires_at: Option<Timestamp>,
        /// The provider's own reply, with which the credentials came.
        raw: Option<SecretJson>,
    }
}

reply! { @extra SecretFields;
    /// A name and a password.
    #[derive(Clone, PartialEq, Eq)]
    BasicCredentials {
        /// The name, which for some providers is a key.
        username: Secret,
        /// The password.
        password: Secret,
        /// The provider's own reply, with which the credentials came.
        raw: Option<SecretJson>,
    }
}

reply! { @extra SecretFields;
    /// Credentials of Bill.
    #[derive(Clone, PartialEq, Eq)]
    BillCredentials {
        /// The name.
        username: Secret,
        /// The password.
        password: Secret,
        /// The organisation.
        organization_id: Secret,
        /// The developer's key.
        dev_key: Secret,
        /// The session.
        session_id: Option<Secret>,
        /// The user.
        user_id: Option<Secret>,
        /// The time of its expiry, where that is known.
        expires_at: Option<Timestamp>,
        /// The provider's own reply, with which the credentials came.
        raw: Option<SecretJson>,
    }
}

reply! { @extra SecretFields;
    /// Credentials of an app, with those of a user if there is one.
    #[derive(Clone, PartialEq, Eq)]
    CustomCredentials {
        /// The app's.
        app: Option<SecretJson>,
        /// The user's.
        user: Option<SecretJson>,
        /// The provider's own reply, with which the credentials came.
        raw: Option<SecretJson>,
    }
}

reply! { @extra SecretFields;
    /// A signed token. What it is made of depends on the provider, and is in `extra`.
    #[derive(Clone, PartialEq, Eq)]
    JwtCredentials {
        /// The token.
        token: Option<Secret>,
        /// The time of its expiry, where that is known.
        expires_at: Option<Timestamp>,
        /// The provider's own reply, with which the credentials came.
        raw: Option<SecretJson>,
    }
}

reply! { @extra SecretFields;
    /// A token of OAuth 1.
    #[derive(Clone, PartialEq, Eq)]
    OAuth1Credentials {
        /// The token.
        oauth_token: Secret,
        /// Its secret.
        oauth_token_secret: Secret,
        /// The provider's own reply, with which the credentials came.
        raw: Option<SecretJson>,
    }
}

reply! { @extra SecretFields;
    /// Tokens of OAuth 2.
    #[derive(Clone, PartialEq, Eq)]
    OAuth2Credentials {
        /// The access token.
        access_token: Secret,
        /// The refresh token, if it was asked for.
        refresh_token: Option<Secret>,
        /// The connection's own OAuth client, if it has one.
        config_override: Option<ClientOverride>,
        /// The time of its expiry, where that is known.
        expires_at: Option<Timestamp>,
        /// The provider's own reply, with which the credentials came.
        raw: Option<SecretJson>,
    }
}

reply! { @extra SecretFields;
    /// A token of OAuth 2's client credentials.
    #[derive(Clone, PartialEq, Eq)]
    OAuth2ClientCredentials {
        /// The token.
        token: Secret,
        /// The id of the client.
        client_id: Option<Secret>,
        /// The secret of the client.
        client_secret: Option<Secret>,
        /// The certificate of the client.
        client_certificate: Option<Secret>,
        /// The private key of the client.
        client_private_key: Option<Secret>,
        /// The time of its expiry, where that is known.
        expires_at: Option<Timestamp>,
        /// The provider's own reply, with which the credentials came.
        raw: Option<SecretJson>,
    }
}

reply! { @extra SecretFields;
    /// A signature made of a name and a password.
    #[derive(Clone, PartialEq, Eq)]
    SignatureCredentials {
        /// The name.
        username: Secret,
        /// The password.
        password: Secret,
        /// The signature.
        token: Option<Secret>,
        /// The time of its expiry, where that is known.
        expires_at: Option<Timestamp>,
        /// The provider's own reply, with which the credentials came.
        raw: Option<SecretJson>,
    }
}

reply! { @extra SecretFields;
    /// A token of NetSuite's token-based authentication.
    #[derive(Clone, PartialEq, Eq)]
    TbaCredentials {
        /// The id of the token.
        token_id: Secret,
        /// Its secret.
        token_secret: Secret,
        /// The connection's own OAuth client, if it has one.
        config_override: Option<ClientOverride>,
        /// The provider's own reply, with which the credentials came.
        raw: Option<SecretJson>,
    }
}

reply! { @extra SecretFields;
    /// A token that was requested in steps. What it is made of depends on the provider, and is in `extra`.
    #[derive(Clone, PartialEq, Eq)]
    TwoStepCredentials {
        /// The token.
        token: Option<Secret>,
        /// The refresh token.
        refresh_token: Option<Secret>,
        /// The time of its expiry, where that is known.
        expires_at: Option<Timestamp>,
        /// The provider's own reply, with which the credentials came.
        raw: Option<SecretJson>,
    }
}

reply! { @extra SecretFields;
    /// An OAuth client that a connection has in place of the integration's.
    #[derive(Clone, PartialEq, Eq)]
    ClientOverride {
        /// The id of the client.
        client_id: Option<Secret>,
        /// The secret of the client.
        client_secret: Option<Secret>,
    }
}

crate::__debug_only!(ApiKeyCredentials {});
crate::__debug_only!(AppCredentials { expires_at });
crate::__debug_only!(AppStoreCredentials { expires_at });
crate::__debug_only!(AwsSigV4Credentials { expires_at });
crate::__debug_only!(BasicCredentials {});
crate::__debug_only!(BillCredentials { expires_at });
crate::__debug_only!(CustomCredentials {});
crate::__debug_only!(JwtCredentials { expires_at });
crate::__debug_only!(OAuth1Credentials {});
crate::__debug_only!(OAuth2Credentials { expires_at });
crate::__debug_only!(OAuth2ClientCredentials { expires_at });
crate::__debug_only!(SignatureCredentials { expires_at });
crate::__debug_only!(TbaCredentials {});
crate::__debug_only!(TwoStepCredentials { expires_at });
crate::__debug_only!(ClientOverride {});
