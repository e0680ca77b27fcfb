//! The demo organization: the way in for somebody who has no Client ID yet.

use anyhow::{Result, ensure};
use ezeep_sim_faults::known::{self, organizations};

use super::main_job::switch_to;
use crate::harness::*;

#[tokio::test(flavor = "multi_thread")]
async fn somebody_without_a_client_id_explores_the_demo_organization() -> Result<()> {
    scenario("demo", Setup::default(), async |world| {
        let app = world.start_app().await?;
        app.click(&button("Explore the demo organization")).await?;
        app.see(&named(Role::Status, "Waiting for your browser")).await?;
        app.picture("demo-waiting").await?;
        world.allow_as(known::ADMIN.email).await?;
        app.click(&starting(Role::Button, organizations::MAIN_NAME))
            .await?;
        app.see(&status("2,000 users")).await?;
        app.see(&showing(Role::Note, "nothing leaves this computer"))
            .await?;
        app.picture("demo-users").await?;

        // A person is put into a group out of their own detail.
        app.fill(
            &named(Role::SearchBox, "Search users"),
            known::ORDINARY_USER.email,
        )
        .await?;
        app.see(&starting(Role::Region, "User: Jonas Müller")).await?;
        let groups = any(Role::ListItem).inside(starting(Role::List, "Groups of Jonas Müller"));
        // He may be half read when he is found; which groups he is in comes with the other half.
        let before = eventually("his groups", async || {
            let now = app.all(&groups).await?.len();
            Ok((now > 0).then_some(now))
        })
        .await?;
        app.click(&button("Edit groups")).await?;
        let edit = starting(Role::Dialog, "Edit groups of Jonas Müller");
        let free = "Test";
        app.fill(
            &named(Role::SearchBox, "Search groups").inside(edit.clone()),
            free,
        )
        .await?;
        app.picture("demo-edit-groups").await?;
        let options =
            starting(Role::Option, free).inside(named(Role::ListBox, "Groups").inside(edit.clone()));
        let option = app.find(&options).await?;
        ensure!(
            option.attr("aria-selected").await?.as_deref() == Some("false"),
            "he is not in it yet"
        );
        option.click().await?;
        app.click(&button("Review changes").inside(edit)).await?;
        app.click(&button("Apply 1 change")).await?;
        app.see(&status("1 applied, 0 failed")).await?;
        app.click(&button("Close")).await?;
        eventually("one group more", async || {
            Ok((app.all(&groups).await?.len() == before + 1).then_some(()))
        })
        .await?;

        switch_to(&app, organizations::SECOND_NAME).await?;
        ensure!(
            world.keychain.records()? == 0,
            "the demo keeps its tokens in memory alone"
        );
        ensure!(
            world.control().requests().is_empty(),
            "the demo asks none of the servers that are set"
        );

        app.click(&starting(Role::Button, "Account: ")).await?;
        app.click(&named(Role::MenuItem, "Sign out")).await?;
        app.see(&named(Role::Heading, "Sign in to ezeep")).await?;
        app.quit().await
    })
    .await
}
