//! A computer that has been in use, and what must be left of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use console::SecretStore as _;
use console::wire::*;
use ezeep_auth::RecordName;
use ids::{PlanId, WorkspaceId};

use super::keychain::Keychain;
use crate::support::*;

pub const VIEW: &str = "Canary view";

/// Settings, a saved copy, a saved view and a plan that was not applied.
pub struct Used {
    pub world: World,
    pub keychain: Arc<Keychain>,
    /// The holder of the files, which is the name of their folders.
    pub holder: String,
    /// Every file, byte for byte.
    pub files: BTreeMap<PathBuf, Vec<u8>>,
}

fn files_below(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            files_below(&path, found);
        } else if let Ok(bytes) = std::fs::read(&path) {
            found.insert(path, bytes);
        }
    }
}

pub fn form_of(world: &World, main: &WorkspaceId, name: &str) -> ViewForm {
    let group = world.groups(main, "").rows.remove(0);
    ViewForm {
        name: name.into(),
        search: "canary-search".into(),
        groups: vec![GroupRef {
            id: group.id,
            name: group.name,
        }],
        no_group: false,
        roles: vec![Role::Admin],
        states: Vec::new(),
        origins: Vec::new(),
        settings: Vec::new(),
        sort: UserColumn::Email,
        descending: true,
        columns: Vec::new(),
    }
}

impl Used {
    pub async fn new() -> Self {
        let mut world = World::new(small()).await;
        let keychain = Arc::new(Keychain::default());
        world.keychain = keychain.clone();
        world.restart();
        world.form().await;
        world.sign_in(Visitor::Allows(ADMIN)).await;
        let main = world.choose("Nordhafen Schulen").await;
        world.read().await;
        let form = form_of(&world, &main, VIEW);
        world.at(&main).view_save(None, form).await.unwrap();
        let request = add_to_a_group(&world, &main).await;
        world.at(&main).plan_make(&request).await.unwrap();
        world.console.save_now().await;
        let holder = holder(&world).await;
        let mut files = BTreeMap::new();
        files_below(world.dir.path(), &mut files);
        Self {
            world,
            keychain,
            holder,
            files,
        }
    }

    /// With results of the plan: of its three people one was added, and two were refused.
    pub async fn with_results() -> Self {
        let mut used = Self::new().await;
        let console = &used.world.console;
        let (plan, _) = used.plan(&used.world.inside().await.0);
        for line in &used.world.open().plan_lines(&plan, 1, 2, false).unwrap().lines {
            used.world.refuse_write_of(&line.user.id);
        }
        used.world.open().plan_apply(&plan).await.unwrap();
        let progress = used.world.finished(&plan).await;
        assert_eq!((progress.applied, progress.failed), (1, 2));
        console.save_now().await;
        used.files = used.now();
        used
    }

    /// The newest plan that is offered, and how far it has got.
    pub fn plan(&self, main: &WorkspaceId) -> (PlanId, PlanProgress) {
        let found = self.world.at(main).plans().remove(0);
        (found.plan.id, found.progress)
    }

    pub fn of_kind(&self, kind: &str) -> PathBuf {
        let is = |path: &&PathBuf| path.extension().is_some_and(|of| of == kind);
        let mut found: Vec<_> = self.files.keys().filter(is).cloned().collect();
        assert_eq!(found.len(), 1, "{kind}");
        found.remove(0)
    }

    pub fn path_of(&self, thing: &str) -> PathBuf {
        match thing {
            "settings" => self.world.dir.path().join("settings.v1.json"),
            "saved_copy" => self.of_kind("dir"),
            "views" => self.of_kind("views"),
            other => panic!("no file: {other}"),
        }
    }

    pub fn now(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        files_below(self.world.dir.path(), &mut files);
        files
    }

    /// Whether a file's earlier bytes still exist, in place or set aside.
    pub fn is_somewhere(&self, path: &Path) -> bool {
        self.now().values().any(|bytes| *bytes == self.files[path])
    }

    /// All other files are unchanged, byte for byte.
    pub fn others_are_untouched(&self, but: &[&Path]) {
        let now = self.now();
        for (path, bytes) in &self.files {
            // The settings record the organization, and the saved copy is written after each sync.
            let rewritten =
                path.ends_with("settings.v1.json") || path.extension().is_some_and(|of| of == "dir");
            if but.contains(&path.as_path()) || path.extension().is_some_and(|of| of == "lock") {
                continue;
            }
            let is = now.get(path);
            assert!(is.is_some(), "{path:?} is gone");
            assert!(rewritten || is == Some(bytes), "{path:?} was written over");
        }
    }

    pub async fn has_its_key(&self) {
        let name = RecordName::file_key(&self.holder);
        assert!(self.keychain.inside.read_key(&name).await.unwrap().is_some());
    }

    /// What was told: about what, why, and whether it was set aside.
    pub fn told(&self) -> Vec<(DiskThing, DiskProblem, bool)> {
        let told = self.world.console.disk_notices();
        told.into_iter()
            .map(|notice| (notice.what, notice.problem, notice.set_aside.is_some()))
            .collect()
    }

    /// The same about plans and their results alone.
    pub fn told_of_plans(&self) -> Vec<(DiskThing, DiskProblem, bool)> {
        let mut told = self.told();
        told.retain(|(what, ..)| *what == DiskThing::Plan);
        told
    }

    /// A file that a start removes for its age: when it is gone, that start's sweep has only the accounts
    /// left.
    pub fn sentinel(&self) -> PathBuf {
        let path = self.world.dir.path().join(".new-killed");
        std::fs::write(&path, "").unwrap();
        let then = SystemTime::now() - Duration::from_secs(2 * 24 * 60 * 60);
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(then).unwrap();
        path
    }

    pub async fn is_swept(&self, sentinel: &Path) {
        self.world
            .until("swept", |_| (!sentinel.exists()).then_some(()))
            .await;
    }

    /// In the organization again, with everything that was there before.
    pub async fn is_whole(&self, views: usize, plans: usize) -> WorkspaceId {
        let (main, _) = self.world.inside().await;
        let looks = self.world.at(&main).list_settings();
        assert_eq!(looks.views.len(), views, "views");
        assert_eq!(self.world.at(&main).plans().len(), plans, "plans");
        main
    }
}
