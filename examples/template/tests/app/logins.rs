//! Logging in and out, and health.

use app_template::{add_user, call_health_endpoint, open};

use crate::needs_postgres;
use crate::rig::{PASSWORD, Rig, eventually};

needs_postgres! {
    async fn only_the_right_password_logs_in() {
        let rig = Rig::start().await;
        let browser = rig.stranger();
        for (email, password) in [
            ("alice@example.com", "wrong+horse+battery"),
            ("alice@example.com", ""),
            ("carol@example.com", PASSWORD),
            ("", ""),
        ] {
            let reply = browser.log_in(email, password).await;
            assert_eq!(reply.status, 401, "{email}");
            assert!(reply.body.contains("is not right") && browser.cookie().is_none());
        }
        let home = browser.get("/").await;
        assert_eq!((home.status, home.location.as_str()), (303, "/login"));
        for path in ["/me", "/sync-runs", "/nango/connections"] {
            assert_eq!(browser.get(path).await.status, 401, "{path}");
        }
        assert_eq!(browser.log_in("%20Alice@Example.com", PASSWORD).await.status, 303);
        assert_eq!(browser.get("/").await.status, 200);
        rig.running.stop().await;
    }

    async fn a_logout_ends_the_session_on_the_server() {
        let rig = Rig::start().await;
        let alice = rig.browser("alice").await;
        let cookie = alice.cookie();
        let reply = alice.submit("/logout", "", "same-origin").await;
        assert_eq!((reply.status, reply.location.as_str()), (303, "/login"));
        alice.set_cookie(cookie);
        assert_eq!(alice.get("/me").await.status, 401, "a copy of the cookie is worth nothing");
        rig.running.stop().await;
    }

    async fn a_login_gets_a_session_of_its_own() {
        let rig = Rig::start().await;
        let alice = rig.browser("alice").await;
        let before = alice.cookie();
        assert_eq!(alice.log_in("bob@example.com", PASSWORD).await.status, 303);
        assert_ne!(alice.cookie(), before);
        assert_eq!(alice.get("/me").await.json()["email"], "bob@example.com");
        alice.set_cookie(before);
        assert_eq!(alice.get("/me").await.status, 401, "the session of before has ended");
        rig.running.stop().await;
    }

    async fn forms_of_other_sites_are_refused() {
        let rig = Rig::start().await;
        let alice = rig.browser("alice").await;
        let form = format!("email=bob@example.com&password={PASSWORD}");
        assert_eq!(alice.submit("/login", &form, "cross-site").await.status, 403);
        assert_eq!(alice.submit("/logout", "", "cross-site").await.status, 403);
        assert_eq!(alice.get("/me").await.json()["email"], "alice@example.com");
        rig.running.stop().await;
    }

    async fn users_have_one_address_and_a_long_password() {
        let rig = Rig::start().await;
        let pool = open(&rig.database.url()).await.unwrap();
        for (email, password, expected) in [
            ("ALICE@example.com ", "correct horse battery", "there is a user with that address"),
            ("carol@example.com", "elevenbytes", "a password has at least 12 bytes"),
            ("carol", "correct horse battery", "that is not an e-mail address"),
        ] {
            assert_eq!(add_user(&pool, email, password).await.unwrap_err().to_string(), expected);
        }
        pool.close().await;
        rig.running.stop().await;
    }

    async fn the_app_is_healthy_while_its_database_answers() {
        let rig = Rig::start().await;
        let browser = rig.stranger();
        assert_eq!(browser.get("/healthz").await.status, 200);
        call_health_endpoint(rig.running.address().port()).await.unwrap();
        rig.database.take_away().await;
        eventually("503", async || browser.get("/healthz").await.status == 503).await;
        let error = call_health_endpoint(rig.running.address().port()).await.unwrap_err();
        assert!(error.to_string().contains("503"), "{error}");
        assert_eq!(rig.browser_is_refused().await, 503, "that is not a wrong password");
    }
}

impl Rig {
    async fn browser_is_refused(&self) -> u16 {
        self.stranger().log_in("alice@example.com", PASSWORD).await.status
    }
}
