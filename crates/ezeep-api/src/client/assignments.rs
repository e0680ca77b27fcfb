//! Printers and the groups they are assigned to, on the printing server.

use http::Method;
use ids::{GroupId, PrinterId};
use serde_json::json;

use crate::error::Result;
use crate::model::{NewAssignment, PrinterAssignment};
use crate::pagination::{Matches, Pages};
use crate::route;
use crate::tolerant::GroupRef;

use super::Client;
use super::lists::Listing;

impl Client {
    /// The printers and their assignments; those of one group, if one is given. Printers of other groups are
    /// left in the page and counted, as in [`Client::print_users_in`].
    pub fn assignments(&self, group: Option<&GroupId>, page_size: u32) -> Pages<PrinterAssignment> {
        let mut listing = Listing::all(route::ASSIGNMENTS);
        listing.group = group.cloned();
        let filter = group.cloned().map(|group| {
            let has = move |printer: &PrinterAssignment| {
                printer
                    .assignments
                    .iter()
                    .flat_map(|entry| &entry.groups)
                    .any(|entry| entry.group_id == group)
            };
            Box::new(has) as Matches<PrinterAssignment>
        });
        self.list(listing, page_size, filter)
    }

    /// Replaces all of a printer's assignments: an entry that is left out is lost. No call reads one printer,
    /// so read [`Client::assignments`] first, filtered by group or all pages; send all its entries with the
    /// change applied, and compare the answer and a read after it (contract; security.md 80). Neither waits
    /// nor is repeated, like [`Client::replace_groups`].
    ///
    /// # Errors
    /// As [`Client::replace_groups`].
    pub async fn replace_assignment(
        &self,
        id: &PrinterId,
        entries: &[NewAssignment],
    ) -> Result<PrinterAssignment> {
        let entries: Vec<_> = entries
            .iter()
            .map(|entry| json!({ "groups": GroupRef::all(&entry.groups) }))
            .collect();
        let body = json!({ "assignment": entries });
        self.replace(Method::PUT, route::ASSIGNMENT, id.as_str(), &body)
            .await
    }
}
