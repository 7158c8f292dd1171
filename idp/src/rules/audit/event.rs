//! What there is to write down, and its name in the log.

/// Everything that is ever audited. A test reads this list, so an event that nothing records is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// A password was tried.
    LoginPassword,
    /// A one-time code was tried.
    LoginTotp,
    /// A passkey was tried.
    LoginPasskey,
    /// A session began.
    SessionStarted,
    /// The known citizen proved presence again.
    SessionRenewed,
    /// A session ended (logout, replaced, ended by the citizen).
    SessionEnded,
    /// A code was sent to a new address of a citizen.
    ContactAsked,
    /// A citizen showed that they read an address, or tried to.
    ContactAdded,
    /// A citizen showed that they read the address that the registry gave for them.
    ContactConfirmed,
    /// A citizen took an address away.
    ContactRemoved,
    /// A citizen made another address the first one.
    ContactPreferred,
    /// A citizen took a copy of their data.
    DataExported,
    /// A citizen chose the language of their letters.
    LanguageChosen,
    /// A notice to a citizen left, or was given up.
    NoticeSent,
    /// The citizen decided what an agency gets.
    ConsentDecided,
    /// The citizen took an agency's access back.
    ConsentWithdrawn,
    /// A client pushed an authorization request.
    RequestPushed,
    /// An authorization code was issued.
    CodeIssued,
    /// A code was exchanged for tokens.
    CodeRedeemed,
    /// A code came back after it was spent: its family was revoked.
    CodeReplayed,
    /// A refresh token was exchanged.
    RefreshRedeemed,
    /// A spent refresh token came back outside its grace: its family was revoked.
    RefreshReplayed,
    /// A citizen typed too many codes of devices that do not exist.
    DeviceCodeTried,
    /// A device got its tokens.
    DeviceRedeemed,
    /// A client got an access token for itself.
    ClientTokenIssued,
    /// How many access tokens a client got for itself since the last such record.
    ClientTokensCounted,
    /// An agency got a token to act for a citizen at another's resource.
    TokenExchanged,
    /// A client revoked a token.
    TokenRevoked,
    /// Personal data was released to an agency.
    ClaimsReleased,
    /// A client failed to authenticate.
    ClientRefused,
    /// A client was registered.
    ClientCreated,
    /// What a client registered was changed.
    ClientUpdated,
    /// A client got another secret.
    ClientSecretRotated,
    /// A client was forbidden everything.
    ClientDisabled,
    /// A client was allowed again.
    ClientEnabled,
    /// A client was removed.
    ClientRemoved,
    /// Somebody was allowed to register clients.
    InitialTokenCreated,
    /// That was taken back.
    InitialTokenRevoked,
    /// An agency was told that a citizen left, or could not be.
    LogoutNotified,
    /// A citizen was enrolled.
    CitizenCreated,
    /// A code that opens an account was given out.
    ActivationIssued,
    /// Somebody typed a code that opens nothing, or too many of them.
    ActivationTried,
    /// The code was used: one browser may set up how its person will log in.
    ActivationOpened,
    /// Another provider said who stands at the door, or did not.
    ActivationVouched,
    /// The account is open.
    ActivationFinished,
    /// An operator opened an account that guessing had closed.
    AccountUnlocked,
    /// An operator closed an account.
    AccountClosed,
    /// An operator opened a closed account.
    AccountReopened,
    /// An account was stopped until its citizen is made sure of.
    AccountFrozen,
    /// A stopped account was opened again.
    AccountUnfrozen,
    /// Help-desk staff began a recovery for a citizen.
    RecoveryOffered,
    /// The wait of a recovery is over and new factors are being made.
    RecoveryOpened,
    /// New factors took the place of all others.
    RecoveryCompleted,
    /// Something was shown in a recovery, or tried.
    RecoveryTried,
    /// A recovery sent a code.
    RecoveryCodeSent,
    /// Enough was shown in a recovery: the wait began.
    RecoveryWaiting,
    /// A recovery was given up or stopped.
    RecoveryCancelled,
    /// An operator ended every session of an account.
    SessionsEnded,
    /// An authenticator was added.
    AuthenticatorAdded,
    /// An authenticator was removed.
    AuthenticatorRemoved,
    /// An authenticator's counter went backwards: perhaps a copy.
    AuthenticatorSuspect,
    /// A citizen set or changed their password.
    PasswordChanged,
    /// A citizen made new recovery codes; the old ones are void.
    RecoveryCodesRenewed,
    /// A recovery code was spent, and another took its place.
    RecoveryCodeSpent,
    /// Somebody was invited to be an official.
    StaffInvited,
    /// Somebody became an official.
    RoleGiven,
    /// Somebody is an official no more.
    RoleEnded,
    /// An official asked whether somebody has a number, and why.
    RecordSearched,
    /// An official looked at a citizen's data, and why.
    RecordRead,
    /// An official did something to a citizen's account.
    RecordActed,
    /// An official proposed what another must agree to.
    ApprovalProposed,
    /// Another agreed, or somebody said no.
    ApprovalDecided,
    /// What two agreed to was done.
    ApprovalCarriedOut,
    /// An auditor searched the log.
    AuditSearched,
    /// Records were taken away in a file.
    AuditExported,
    /// Somebody walked the chain.
    AuditVerified,
    /// The end of the chain was signed, to be published.
    AuditCheckpointed,
    /// A signing key was made.
    KeysCreated,
    /// A signing key retired: its private half was destroyed.
    KeysRetired,
    /// A signing key was taken back: nothing that it signed is accepted.
    KeysRevoked,
}

impl Event {
    /// Its name in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LoginPassword => "login.password",
            Self::LoginTotp => "login.totp",
            Self::LoginPasskey => "login.passkey",
            Self::SessionStarted => "session.started",
            Self::SessionRenewed => "session.renewed",
            Self::SessionEnded => "session.ended",
            Self::ConsentDecided => "consent.decided",
            Self::ConsentWithdrawn => "consent.withdrawn",
            Self::RequestPushed => "request.pushed",
            Self::CodeIssued => "code.issued",
            Self::CodeRedeemed => "code.redeemed",
            Self::CodeReplayed => "code.replayed",
            Self::RefreshRedeemed => "refresh.redeemed",
            Self::RefreshReplayed => "refresh.replayed",
            Self::DeviceCodeTried => "device_code.tried",
            Self::DeviceRedeemed => "device.redeemed",
            Self::ClientTokenIssued => "client_token.issued",
            Self::ClientTokensCounted => "client_tokens.counted",
            Self::TokenExchanged => "token.exchanged",
            Self::TokenRevoked => "token.revoked",
            Self::ClaimsReleased => "claims.released",
            Self::ClientRefused => "client.refused",
            Self::ClientCreated => "client.created",
            Self::ClientUpdated => "client.updated",
            Self::ClientSecretRotated => "client.secret-rotated",
            Self::ClientDisabled => "client.disabled",
            Self::ClientEnabled => "client.enabled",
            Self::ClientRemoved => "client.removed",
            Self::InitialTokenCreated => "initial-token.created",
            Self::InitialTokenRevoked => "initial-token.revoked",
            Self::LogoutNotified => "logout.notified",
            Self::ContactAsked => "contact.asked",
            Self::ContactAdded => "contact.added",
            Self::ContactConfirmed => "contact.confirmed",
            Self::ContactRemoved => "contact.removed",
            Self::ContactPreferred => "contact.preferred",
            Self::DataExported => "data.exported",
            Self::LanguageChosen => "language.chosen",
            Self::NoticeSent => "notice.sent",
            Self::CitizenCreated => "citizen.created",
            Self::ActivationIssued => "activation.issued",
            Self::ActivationTried => "activation.tried",
            Self::ActivationOpened => "activation.opened",
            Self::ActivationVouched => "activation.vouched",
            Self::ActivationFinished => "activation.finished",
            Self::AccountUnlocked => "account.unlocked",
            Self::AccountClosed => "account.closed",
            Self::AccountReopened => "account.reopened",
            Self::AccountFrozen => "account.frozen",
            Self::AccountUnfrozen => "account.unfrozen",
            Self::RecoveryOffered => "recovery.offered",
            Self::RecoveryOpened => "recovery.opened",
            Self::RecoveryCompleted => "recovery.completed",
            Self::RecoveryTried => "recovery.tried",
            Self::RecoveryCodeSent => "recovery.code_sent",
            Self::RecoveryWaiting => "recovery.waiting",
            Self::RecoveryCancelled => "recovery.cancelled",
            Self::SessionsEnded => "account.sessions_ended",
            Self::AuthenticatorAdded => "authenticator.added",
            Self::AuthenticatorRemoved => "authenticator.removed",
            Self::AuthenticatorSuspect => "authenticator.suspect",
            Self::PasswordChanged => "password.changed",
            Self::RecoveryCodesRenewed => "recovery_codes.renewed",
            Self::RecoveryCodeSpent => "recovery_code.spent",
            Self::StaffInvited => "staff.invited",
            Self::RoleGiven => "role.given",
            Self::RoleEnded => "role.ended",
            Self::RecordSearched => "record.searched",
            Self::RecordRead => "record.read",
            Self::RecordActed => "record.acted",
            Self::ApprovalProposed => "approval.proposed",
            Self::ApprovalDecided => "approval.decided",
            Self::ApprovalCarriedOut => "approval.carried_out",
            Self::AuditSearched => "audit.searched",
            Self::AuditExported => "audit.exported",
            Self::AuditVerified => "audit.verified",
            Self::AuditCheckpointed => "audit.checkpointed",
            Self::KeysCreated => "keys.created",
            Self::KeysRetired => "keys.retired",
            Self::KeysRevoked => "keys.revoked",
        }
    }
}
