//! Ids and people of all simulated clouds, whatever the seed: those of the documents' examples, and those who
//! sign in. Constants only.

/// Client ID of the default client, as the documents' examples write it.
pub const CLIENT_ID: &str = "78KYzeX5wS8r0FYz9KdvNt9xHMRA61PJK80IHwNj";
/// Password of all people who may use the password grant. It gives access to this simulation only.
pub const PASSWORD: &str = "simulated-password";

/// Ids of the organizations.
pub mod organizations {
    /// "Nordhafen Schulen", the main one: the organization of the documents' group examples.
    pub const MAIN: &str = "54e3a324-cc89-4722-8338-c285d26bef15";
    /// Name of [`MAIN`].
    pub const MAIN_NAME: &str = "Nordhafen Schulen";
    /// "Seehafen Logistik", the second one. Its id, from the documents' create example, is no UUID.
    pub const SECOND: &str = "3fa85f64-5717-4562-b3fc-2c963f66afsd";
    /// Name of [`SECOND`].
    pub const SECOND_NAME: &str = "Seehafen Logistik";
    /// "Organization X" of the documents' switch example, where the admin is an ordinary user.
    pub const THIRD: &str = "9d501982-c0ce-1ee2-50f2-562090efff09";
    /// Name of [`THIRD`].
    pub const THIRD_NAME: &str = "Organization X";
    /// Private organization of the demo admin. Its id, from the documents' example, is no UUID.
    pub const PRIVATE: &str = "3d119e0a-e212-5v23-a4d5-de5820678f27";
}

/// Groups of the documents' examples; all in the main organization.
pub mod groups {
    /// `EfA Printer`, Azure, 119 members and 5 printers if there are enough people.
    pub const EFA_PRINTER: &str = "19b5963a-35eb-416c-9ca4-a4c2950385fb";
    /// "WVD Printers", Azure, 8 members.
    pub const WVD_PRINTERS: &str = "658a1b3b-173c-4f55-8150-42e16bd27f96";
    /// "ezeep Blue", Azure, 54 members.
    pub const EZEEP_BLUE: &str = "9e05c98e-77b0-4915-8143-0dfc77a54d65";
    /// "Test", without members.
    pub const TEST: &str = "dd8d4007-2522-42ab-ac2e-bf23d87defc3";
    /// "Test" of the create example: a second group of one name.
    pub const TEST_CREATED: &str = "d16eeaa2-97ba-464a-b12a-f0ed66cc6078";
    /// The group of the filter example, with just its three people.
    pub const FILTERED: &str = "8228b289-2926-4813-8267-c61c767e55f0";
}

/// A person on the sign-in page.
#[derive(Debug, Clone, Copy)]
pub struct KnownPerson {
    /// Their email address.
    pub email: &'static str,
    pub(crate) id: Option<&'static str>,
    pub(crate) first: &'static str,
    pub(crate) last: &'static str,
    pub(crate) azure: bool,
    pub(crate) main: Option<bool>,
    pub(crate) second: Option<bool>,
    pub(crate) third: Option<bool>,
    pub(crate) note: &'static str,
}

/// The demo admin: admin of the main and the second organization, ordinary user of the third.
pub const ADMIN: KnownPerson = KnownPerson {
    email: "ines.vogt@nordhafen.example",
    id: Some("02c5f1d8-7b3e-4d5a-9f41-6a0e8b9c1d27"),
    first: "Ines",
    last: "Vogt",
    azure: false,
    main: Some(true),
    second: Some(true),
    third: Some(false),
    note: "Admin of Nordhafen Schulen and of Seehafen Logistik",
};
/// Admin of the main organization, and of no other besides Private.
pub const ONE_ORGANIZATION_ADMIN: KnownPerson = KnownPerson {
    email: "mehmet.oezdemir@nordhafen.example",
    id: Some("4be17a90-35c2-4f0e-8d66-91f2c7aa3e58"),
    first: "Mehmet",
    last: "Özdemir",
    azure: false,
    main: Some(true),
    second: None,
    third: None,
    note: "Admin of Nordhafen Schulen only",
};
/// An ordinary user of the main organization; the user of the documents' "read a specific user" example.
pub const ORDINARY_USER: KnownPerson = KnownPerson {
    email: "jonas.mueller@nordhafen.example",
    id: Some("0050a068-cc7b-4490-951a-06920a610ee5"),
    first: "Jonas",
    last: "Müller-Åkerström",
    azure: false,
    main: Some(false),
    second: None,
    third: None,
    note: "An ordinary user of Nordhafen Schulen",
};
/// Admin of their Private organization and of nothing else.
pub const PRIVATE_ONLY_ADMIN: KnownPerson = KnownPerson {
    email: "karla.brandt@brandt.example",
    id: Some("c9d03f6e-18a7-4b52-b0e9-5d7c2f41a683"),
    first: "Karla",
    last: "Brandt",
    azure: false,
    main: None,
    second: None,
    third: None,
    note: "Has a Private organization and no other",
};
/// Admin of the main organization who signs in with Microsoft.
pub const MICROSOFT_ADMIN: KnownPerson = KnownPerson {
    email: "katerina.muelhausova@nordhafen.example",
    id: Some("7f20d4be-6c95-4e18-a3d7-e84b09f15c62"),
    first: "Kateřina",
    last: "Mülhausová",
    azure: true,
    main: Some(true),
    second: None,
    third: None,
    note: "Admin of Nordhafen Schulen, signs in with Microsoft",
};

pub(crate) const SIGN_IN_PEOPLE: [KnownPerson; 5] = [
    ADMIN,
    ONE_ORGANIZATION_ADMIN,
    ORDINARY_USER,
    PRIVATE_ONLY_ADMIN,
    MICROSOFT_ADMIN,
];
