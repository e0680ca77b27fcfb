//! The steps of a refresh where a process can be killed, and where each lies to the window in which a session
//! may be lost. Only names and facts.

/// Which refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// The one that a start begins with.
    AtStart,
    /// One that a refused token makes in an open window.
    WhileOpen,
    /// A switch of organization, which is a rotation as well.
    AtSwitch,
}

/// Where the process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    KeychainProbed,
    RecordFound,
    LockAsked,
    LockHeld,
    RecordReadAgain,
    WriteBackBegun,
    WriteBackUnderWay,
    WriteBackDone,
    RequestConnected,
    RequestSent,
    ServerCommitted,
    ReplyHeadHalfSent,
    ReplyBodyHalfSent,
    ReplyReceived,
    StoreUnderWay,
    Stored,
    FirstCallSent,
}

/// Where a step lies to the window between the server's commit and our durable write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    Outside,
    Inside,
    /// The kill and the end of the write race each other.
    AtItsEnd,
}

impl When {
    /// Of which kind, for the table.
    pub fn rotation(self) -> Rotation {
        match self {
            Self::AtStart | Self::WhileOpen => Rotation::Refresh,
            Self::AtSwitch => Rotation::Switch,
        }
    }
}

/// What the refresh token is spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rotation {
    Refresh,
    Switch,
}

impl Step {
    pub const ALL: [Self; 17] = [
        Self::KeychainProbed,
        Self::RecordFound,
        Self::LockAsked,
        Self::LockHeld,
        Self::RecordReadAgain,
        Self::WriteBackBegun,
        Self::WriteBackUnderWay,
        Self::WriteBackDone,
        Self::RequestConnected,
        Self::RequestSent,
        Self::ServerCommitted,
        Self::ReplyHeadHalfSent,
        Self::ReplyBodyHalfSent,
        Self::ReplyReceived,
        Self::StoreUnderWay,
        Self::Stored,
        Self::FirstCallSent,
    ];

    /// The first two are a start's alone.
    pub fn happens(self, when: When) -> bool {
        when == When::AtStart || !matches!(self, Self::KeychainProbed | Self::RecordFound)
    }

    pub fn window(self) -> Window {
        match self {
            Self::ServerCommitted
            | Self::ReplyHeadHalfSent
            | Self::ReplyBodyHalfSent
            | Self::ReplyReceived => Window::Inside,
            Self::StoreUnderWay => Window::AtItsEnd,
            _ => Window::Outside,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::KeychainProbed => "keychain probed",
            Self::RecordFound => "record found",
            Self::LockAsked => "lock asked for",
            Self::LockHeld => "lock held",
            Self::RecordReadAgain => "record read again",
            Self::WriteBackBegun => "write-back begun",
            Self::WriteBackUnderWay => "write-back under way",
            Self::WriteBackDone => "write-back done",
            Self::RequestConnected => "request connected",
            Self::RequestSent => "request sent",
            Self::ServerCommitted => "server committed",
            Self::ReplyHeadHalfSent => "reply head half sent",
            Self::ReplyBodyHalfSent => "reply body half sent",
            Self::ReplyReceived => "reply received",
            Self::StoreUnderWay => "store write under way",
            Self::Stored => "stored",
            Self::FirstCallSent => "first API call sent",
        }
    }
}
