//! Answers of a sign-in that the operating system brings by a link of our own scheme.

use ezeep_auth::Delivery;

use super::super::context::Context;
use super::super::controller_channel::{Command, Message};

impl Context {
    /// Handles a link of our own scheme. It changes nothing unless it answers the waiting attempt
    /// (security.md 15). `at_start`: the app was started by this link.
    pub fn open_link(&self, link: &str, at_start: bool) {
        let send = |command| self.controller.send(Message::Command(command));
        match self.services.links.deliver(link) {
            Delivery::Taken => tracing::info!("a link brought the answer to a sign-in"),
            Delivery::AnotherSignIn if !at_start => {
                tracing::info!("a link that answers another sign-in was dropped");
                // The waiting sign-in may return through the listener; then links are not looked at.
                send(Command::AnotherSignIn);
            }
            Delivery::AnotherSignIn | Delivery::NotOurs => {
                tracing::info!(at_start, "a link that answers no sign-in was dropped");
                if at_start {
                    send(Command::StaleLink);
                }
            }
        }
    }
}
