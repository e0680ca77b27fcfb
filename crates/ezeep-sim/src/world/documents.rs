//! The objects of the documents' examples, with their ids, as the documents show them. Data only.

use crate::known::groups;

/// A group of the examples, or one of a person of the examples.
pub(super) struct DocumentGroup {
    pub id: &'static str,
    pub name: &'static str,
    pub local_printing: bool,
    /// The id in Azure, for a synced group.
    pub foreign_id: Option<&'static str>,
    /// The number of people in the documents; `None` if they don't tell.
    pub members: Option<usize>,
    pub printers: usize,
}

const fn group(id: &'static str, name: &'static str) -> DocumentGroup {
    DocumentGroup {
        id,
        name,
        local_printing: true,
        foreign_id: None,
        members: None,
        printers: 0,
    }
}

/// Synced groups and others mixed, so that a small organization has both. Names missing in the documents are
/// ours.
pub(super) const GROUPS: [DocumentGroup; 12] = [
    DocumentGroup {
        foreign_id: Some("a7c28afe-251f-46cd-9bf8-30432df6d416"),
        members: Some(119),
        printers: 5,
        ..group(groups::EFA_PRINTER, "EfA Printer")
    },
    group("6e936a85-24fe-4d69-9b0c-505918b2a179", "Lehrkräfte"),
    group("ee6bc9ca-b4c8-4141-b6f7-a776e43a76d9", "Haus A"),
    DocumentGroup {
        foreign_id: Some("3f3aa500-8d21-44a6-98c7-e14e407c482c"),
        members: Some(54),
        ..group(groups::EZEEP_BLUE, "ezeep Blue")
    },
    group("94bfe7e4-8886-4e98-904c-203d323ebb21", "Haus B, 2. Stock"),
    group("d9219223-5856-45c1-8f94-e8e889f5e711", "Sekretariat"),
    group("7d115501-a16f-493c-9130-8372bcc642fd", "Schulleitung"),
    group("e2a4a00d-32ba-4f60-a1e2-3feae9ed0cb0", "IT und Medien"),
    DocumentGroup {
        members: Some(3),
        ..group(groups::FILTERED, "Prüfungsausschuss Abitur")
    },
    DocumentGroup {
        foreign_id: Some("9cb21a02-7985-47b5-82c0-d656e3830cc4"),
        members: Some(8),
        ..group(groups::WVD_PRINTERS, "WVD Printers")
    },
    DocumentGroup {
        local_printing: false,
        members: Some(0),
        ..group(groups::TEST, "Test")
    },
    DocumentGroup {
        local_printing: false,
        members: Some(0),
        ..group(groups::TEST_CREATED, "Test")
    },
];

/// A person of the examples: id, local printing, self service, MyPrinters, and the indexes of their groups in
/// [`GROUPS`].
pub(super) struct DocumentUser {
    pub id: &'static str,
    pub local_printing: bool,
    pub self_service: bool,
    pub my_printers: bool,
    pub groups: &'static [usize],
}

const EFA: usize = 0;
const BLUE: usize = 3;
const WVD: usize = 9;

const fn user(id: &'static str, groups: &'static [usize]) -> DocumentUser {
    DocumentUser {
        id,
        local_printing: true,
        self_service: true,
        my_printers: false,
        groups,
    }
}

const fn filtered(id: &'static str) -> DocumentUser {
    DocumentUser {
        id,
        local_printing: true,
        self_service: false,
        my_printers: true,
        groups: &[8],
    }
}

/// In the order of the documents' list, then the three of the filter example.
pub(super) const USERS: [DocumentUser; 23] = [
    user("0050a068-cc7b-4490-951a-06920a610ee5", &[EFA]),
    user("0545f81c-0eca-4c24-b4c1-fe7fcdb1b4fb", &[EFA, BLUE]),
    user("063f87e3-5254-443a-a65e-8239ede3fbc6", &[EFA, BLUE]),
    user("06d402a2-bf6a-426a-a489-62a0027a6a18", &[BLUE, EFA]),
    user("073ccebb-ff38-4e46-ac6e-7a07b4d03906", &[EFA]),
    user("08083be9-75f7-4658-8832-32e2280cbdd7", &[EFA]),
    user("0810f57c-6ce6-4ef0-badc-dcd121576b84", &[EFA]),
    user("084d7404-efe3-4df6-853e-0727610c262e", &[EFA, BLUE]),
    user("0a9bc9fc-778a-46c6-8a3c-805d38acdf96", &[1, 2, EFA]),
    user("0bc65240-322b-411f-b417-51493db1fae4", &[EFA]),
    user("0e971e4f-250f-455b-bdfa-94d98c6a265b", &[EFA]),
    user("11976bee-41e5-4dc0-af9a-b6e41066b7bf", &[EFA]),
    user("1415e537-feef-44a5-a2a3-7d969d9614f9", &[EFA]),
    DocumentUser {
        local_printing: false,
        ..user("1515cee3-2216-4da4-89ab-808e598cc0f2", &[])
    },
    user("17b582c2-e85e-415f-8543-b1d6bc1b0e0b", &[EFA, BLUE]),
    user("1bc49eee-b955-4aa1-9b30-7dca85d9d003", &[EFA]),
    user("1be0e1eb-7946-4c95-9d7d-f18f3400cb64", &[4, 5, 6, 7, BLUE, WVD]),
    user("1dade49c-d960-4ddd-a55b-864bcce8dae1", &[2, EFA]),
    user("1dffceb4-aef9-4899-ad78-07e2d6496651", &[EFA, BLUE]),
    user("2240b921-964c-4e79-a6e6-144a7a89b944", &[2, EFA]),
    filtered("9f2e2cc1-58ee-4426-998f-62644895f162"),
    filtered("99e3ca15-fafc-4e37-a741-842e1ae4ad07"),
    filtered("45f9c5f0-2408-4980-bbf0-f091884340ed"),
];
