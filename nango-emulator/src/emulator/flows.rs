//! Completing a connect session without a browser.

use super::instance::Emulator;
use crate::control::flows::{self, Connected, Credentials};
use crate::error::EmulatorError;

impl Emulator {
    /// Completes a session through the endpoints that the Connect UI uses. Webhooks are sent as
    /// usual. An OAuth2 flow returns to the emulator directly, without the application's callback
    /// URL.
    ///
    /// # Errors
    ///
    /// [`EmulatorError::Refused`] with Nango's code if a call is refused or the flow fails.
    pub async fn connect(
        &self,
        session_token: &str,
        integration: &str,
        credentials: Credentials,
    ) -> Result<Connected, EmulatorError> {
        flows::connect(&self.app, session_token, integration, credentials).await
    }

    /// Denies access on the consent page. Returns the WebSocket's error type, normally
    /// `callback_err`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use nango_emulator::Emulator;
    ///
    /// let nango = Emulator::builder().start().await?;
    /// let token = nango.create_session(&[("end_user_id", "alice")]);
    /// assert_eq!(nango.deny(&token, "slack").await?, "callback_err");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`EmulatorError::Refused`] if the flow does not reach the consent page.
    pub async fn deny(&self, session_token: &str, integration: &str) -> Result<String, EmulatorError> {
        flows::deny(&self.app, session_token, integration).await
    }
}
