//! Random organizations, changes and queries.

use directory::{
    Group, GroupColumn, Origin, Person, PrintSetting, PrintSettings, Role, Sort, UserColumn, UserScope,
    UserState,
};
use ids::{GroupId, UserId};
use proptest::prelude::*;
use proptest::sample::select;

/// More than one block of slots, and few enough that changes meet.
pub const PEOPLE: u32 = 90;
pub const GROUPS: u32 = 8;

pub fn user_id() -> impl Strategy<Value = UserId> {
    let id = |number| match number % 5 {
        0 => format!("U-{number:X}"),
        _ => format!("u-{number:x}"),
    };
    (0..PEOPLE).prop_map(move |number| UserId::try_from(id(number)).unwrap())
}

pub fn group_id() -> impl Strategy<Value = GroupId> {
    (0..GROUPS).prop_map(|number| GroupId::try_from(format!("G{number}")).unwrap())
}

pub fn group_ids() -> impl Strategy<Value = Vec<GroupId>> {
    prop::collection::vec(group_id(), 0..5)
}

/// A few that often meet, and enough letters beside each other that not each pair has a row of its own.
pub fn name() -> impl Strategy<Value = String> {
    "[a-z]{8,14}||Ada|ada|Åda|[abäéß][bue]{0,2}( [AÄöÜ1][a0-2]{0,2})?| |\u{200b} ?|[abü1]{1,2}[-–'’\u{200b}\u{a0},][ab12]{1,2}"
}

pub fn person() -> impl Strategy<Value = Person> {
    let role = select(vec![Role::Admin, Role::User, Role::Unknown]);
    let states = [
        UserState::Active,
        UserState::PendingInvitation,
        UserState::PrintingOnly,
        UserState::AccountOnly,
    ];
    let settings = prop::option::of(any::<[bool; 3]>().prop_map(
        |[local_printing, self_service, my_printers]| PrintSettings {
            local_printing,
            self_service,
            my_printers,
        },
    ));
    let rest = (
        origin(),
        any::<Option<i64>>(),
        any::<Option<bool>>(),
        settings,
        group_ids(),
    );
    (
        user_id(),
        name(),
        "|[ab]{1,2}[0-9]{0,2}@(x|ab)|[ab]?@?[ab]@?[abx]|[a1][-'.][b1]@[ax][-.][b1]",
        role,
        select(states.to_vec()),
        rest,
    )
        .prop_map(
            |(id, name, email, role, state, (origin, joined, verified, settings, groups))| Person {
                id,
                name,
                email,
                role,
                state,
                origin,
                joined,
                verified,
                settings,
                groups,
            },
        )
}

pub fn origin() -> impl Strategy<Value = Origin> {
    let others = ["", "Google", "google", "Okta"].map(|text| Origin::Other(text.to_owned()));
    select(
        [Origin::Ezeep, Origin::Azure]
            .into_iter()
            .chain(others)
            .collect::<Vec<_>>(),
    )
}

pub fn group() -> impl Strategy<Value = Group> {
    (
        group_id(),
        name(),
        "|[ab]{1,2}",
        origin(),
        0..3_u32,
        any::<(bool, bool)>(),
    )
        .prop_map(
            |(id, name, description, origin, printers, (local_printing, my_printers))| Group {
                id,
                name,
                description,
                origin,
                printers,
                local_printing,
                my_printers,
            },
        )
}

#[derive(Debug, Clone)]
pub enum Change {
    UpsertPerson(Person),
    RemovePerson(UserId),
    SetGroups(UserId, Vec<GroupId>),
    UpsertGroup(Group),
    RemoveGroup(GroupId),
    SetMembers(GroupId, Vec<UserId>),
}

pub fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => person().prop_map(Change::UpsertPerson),
        1 => user_id().prop_map(Change::RemovePerson),
        2 => (user_id(), group_ids()).prop_map(|(id, groups)| Change::SetGroups(id, groups)),
        1 => group().prop_map(Change::UpsertGroup),
        1 => group_id().prop_map(Change::RemoveGroup),
        1 => (group_id(), prop::collection::vec(user_id(), 0..12)).prop_map(|(id, people)| Change::SetMembers(id, people)),
    ]
}

#[derive(Debug, Clone)]
pub struct Question {
    pub scope: UserScope,
    pub people: Sort<UserColumn>,
    pub groups: Sort<GroupColumn>,
    pub group: GroupId,
    pub person: UserId,
    pub offset: u32,
    pub limit: u32,
}

pub fn question() -> impl Strategy<Value = Question> {
    let columns = [
        UserColumn::Name,
        UserColumn::Email,
        UserColumn::Groups,
        UserColumn::Role,
        UserColumn::State,
        UserColumn::Origin,
    ];
    let group_columns = [
        GroupColumn::Name,
        GroupColumn::Description,
        GroupColumn::Origin,
        GroupColumn::Members,
        GroupColumn::Printers,
    ];
    let sort = (
        select(columns.to_vec()),
        select(group_columns.to_vec()),
        any::<bool>(),
    );
    let window = (
        prop_oneof![Just(0), 0..100_u32, Just(u32::MAX)],
        prop_oneof![Just(u32::MAX), 0..20_u32],
    );
    (scope(), sort, group_id(), user_id(), window).prop_map(
        |(scope, (people, groups, descending), group, person, (offset, limit))| Question {
            scope,
            people: Sort {
                column: people,
                descending,
            },
            groups: Sort {
                column: groups,
                descending,
            },
            group,
            person,
            offset,
            limit,
        },
    )
}

pub fn scope() -> impl Strategy<Value = UserScope> {
    let setting = select(PrintSetting::ALL.to_vec());
    let states = vec![UserState::Active, UserState::PrintingOnly];
    (
        "|[a-z]{1,3}|[a-z] [a-z]{2}|[abäeéßuü1@x-]{1,2}|[ab1]?@[ab]?@?[abx]?|[aA] [Uue]|u-[0-9]|g[0-9]|ae|ss|[ab1ü]?[-–'’\u{200b}\u{a0},;][ab12]?|[a1][-'.]?[b1]?@[ax]?[-.]?[b1]?",
        prop_oneof![2 => Just(vec![]), 1 => group_ids()],
        prop::bool::weighted(0.2),
        prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(select(vec![Role::Admin, Role::User]), 0..3)],
        prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(select(states), 0..3)],
        prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(origin(), 0..3)],
        prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec((setting, any::<bool>()), 0..3)],
    )
        .prop_map(|(search, groups, no_group, roles, states, origins, settings)| UserScope {
            search,
            groups,
            no_group,
            roles,
            states,
            origins,
            settings,
        })
}
