//! What the fuzz targets need to reach the parser of attempts behind its signature. Not there in any other
//! build.

use super::handle::Nango;

impl Nango {
    /// Returns the text of an attempt with these bytes, whatever they say, and the app's own signature.
    #[doc(hidden)]
    #[must_use]
    pub fn sign_attempt(&self, bytes: &[u8]) -> Option<String> {
        self.shared().settings.attempt_keys.as_ref().map(|keys| keys.sign(bytes))
    }
}
