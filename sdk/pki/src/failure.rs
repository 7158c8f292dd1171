//! Why a certificate is not believed, in the words of ETSI EN 319 102-1.

use std::fmt;

use crate::Time;
use crate::certificate::Certificate;
use crate::oid::Oid;
use crate::revocation::RevocationReason;
use crate::strength::Weakness;

/// EN 319 102-1 §5.1.3, table 5: the status of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Indication {
    /// Every check passed.
    TotalPassed,
    /// What is at hand proves neither validity nor its opposite.
    Indeterminate,
    /// Proven not to be valid.
    TotalFailed,
}

impl fmt::Display for Indication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TotalPassed => "TOTAL-PASSED",
            Self::Indeterminate => "INDETERMINATE",
            Self::TotalFailed => "TOTAL-FAILED",
        })
    }
}

macro_rules! sub_indications {
    ($($(#[$doc:meta])* $variant:ident = $text:literal $indication:ident;)+) => {
        /// EN 319 102-1 §5.1.3, table 6: the reason for a status.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum SubIndication { $($(#[$doc])* $variant),+ }

        impl SubIndication {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name that the standard gives it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The status that it explains.
            pub fn indication(self) -> Indication {
                match self { $(Self::$variant => Indication::$indication),+ }
            }
        }
    };
}

sub_indications! {
    /// The signature is not in a format that can be read.
    FormatFailure = "FORMAT_FAILURE" TotalFailed;
    /// What was signed is not what is there.
    HashFailure = "HASH_FAILURE" TotalFailed;
    /// The signature value does not verify.
    SigCryptoFailure = "SIG_CRYPTO_FAILURE" TotalFailed;
    /// Revoked before the signature, provably.
    Revoked = "REVOKED" TotalFailed;
    /// Expired before the signature, provably.
    Expired = "EXPIRED" TotalFailed;
    /// Signed before the certificate's validity.
    NotYetValid = "NOT_YET_VALID" TotalFailed;
    /// An attribute of the signature breaks a rule.
    SigConstraintsFailure = "SIG_CONSTRAINTS_FAILURE" Indeterminate;
    /// The chain breaks a rule of the verifier.
    ChainConstraintsFailure = "CHAIN_CONSTRAINTS_FAILURE" Indeterminate;
    /// Validation of the chain failed for another reason.
    CertificateChainGeneralFailure = "CERTIFICATE_CHAIN_GENERAL_FAILURE" Indeterminate;
    /// An algorithm or key is too weak.
    CryptoConstraintsFailure = "CRYPTO_CONSTRAINTS_FAILURE" Indeterminate;
    /// Too weak today, and nothing proves that the signature existed while it was not.
    CryptoConstraintsFailureNoPoe = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE" Indeterminate;
    /// A signature policy could not be processed.
    PolicyProcessingError = "POLICY_PROCESSING_ERROR" Indeterminate;
    /// A signature policy is not at hand.
    SignaturePolicyNotAvailable = "SIGNATURE_POLICY_NOT_AVAILABLE" Indeterminate;
    /// Timestamps contradict each other.
    TimestampOrderFailure = "TIMESTAMP_ORDER_FAILURE" Indeterminate;
    /// The signer's certificate cannot be identified.
    NoSigningCertificateFound = "NO_SIGNING_CERTIFICATE_FOUND" Indeterminate;
    /// No chain leads to a trust anchor.
    NoCertificateChainFound = "NO_CERTIFICATE_CHAIN_FOUND" Indeterminate;
    /// The anchor was not trusted at that time, and nothing proves that the signature came while it was.
    NoCertificateChainFoundNoPoe = "NO_CERTIFICATE_CHAIN_FOUND_NO_POE" Indeterminate;
    /// Revoked, and nothing proves that the signature came before.
    RevokedNoPoe = "REVOKED_NO_POE" Indeterminate;
    /// An authority in the chain is revoked, and nothing proves that the signature came before.
    RevokedCaNoPoe = "REVOKED_CA_NO_POE" Indeterminate;
    /// Expired, known not to be revoked, and nothing proves that the signature came before.
    OutOfBoundsNotRevoked = "OUT_OF_BOUNDS_NOT_REVOKED" Indeterminate;
    /// Outside its validity, and nothing proves that the signature lies inside.
    OutOfBoundsNoPoe = "OUT_OF_BOUNDS_NO_POE" Indeterminate;
    /// A proof of existence is missing.
    NoPoe = "NO_POE" Indeterminate;
    /// Better evidence may arrive later.
    TryLater = "TRY_LATER" Indeterminate;
    /// The signed data is not at hand.
    SignedDataNotFound = "SIGNED_DATA_NOT_FOUND" Indeterminate;
}

impl fmt::Display for SubIndication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why no path to a trust anchor is valid. When several paths were tried, the one that came
/// furthest speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidationFailure {
    /// What is wrong.
    pub reason: Reason,
    /// Which certificate it is about.
    pub certificate: Certificate,
    /// Is that the certificate the question was about, or an authority above it?
    pub is_leaf: bool,
}

/// What is wrong with a certificate or a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// No issuer that leads to a trust anchor is at hand.
    NoPath,
    /// The search was given up: [`MAX_SIGNATURES`](crate::MAX_SIGNATURES), [`MAX_PATH`](crate::MAX_PATH).
    WorkLimit,
    /// A trusted list has the service at the end of the path, but it was not granted then, or for something else.
    NotGranted,
    /// The issuer's key did not make this signature.
    BadSignature,
    /// The signature uses something that cannot be checked here.
    Unsupported(String),
    /// An algorithm or key is too weak at that time.
    WeakAlgorithm(Weakness),
    /// Before its validity.
    NotYetValid {
        /// When it begins.
        from: Time,
    },
    /// After its validity.
    Expired {
        /// When it ended.
        since: Time,
        /// Evidence says that it was not revoked while it was valid.
        not_revoked: bool,
    },
    /// Withdrawn by its issuer.
    Revoked {
        /// Since when.
        at: Time,
        /// Why, if the issuer says.
        why: RevocationReason,
    },
    /// Evidence of revocation is required and none that can be used is at hand.
    RevocationUnknown,
    /// An issuer that is not a certification authority (RFC 5280 §6.1.4 k).
    NotAnAuthority,
    /// An issuer whose key usage does not allow to sign certificates (§6.1.4 n).
    AuthorityKeyUsage,
    /// More authorities than one of them allows (§6.1.4 l).
    PathLength,
    /// A critical extension that is not understood (§6.1.4 o, §6.1.5 e).
    CriticalExtension(Oid),
    /// A name outside what an authority may certify (§6.1.3 b, c).
    NameConstraint,
    /// No acceptable certificate policy (§6.1.3 f, §6.1.5 g).
    Policy,
    /// A policy mapping that maps anyPolicy (§6.1.4 a).
    PolicyMapping,
    /// The certificate is for another use.
    Purpose(&'static str),
}

impl ValidationFailure {
    /// A stable name for programs.
    pub fn code(&self) -> &'static str {
        match &self.reason {
            Reason::NoPath => "no_path",
            Reason::WorkLimit => "work_limit",
            Reason::NotGranted => "authority_not_granted",
            Reason::BadSignature => "certificate_signature_invalid",
            Reason::Unsupported(_) => "algorithm_unsupported",
            Reason::WeakAlgorithm(_) => "algorithm_weak",
            Reason::NotYetValid { .. } => "certificate_not_yet_valid",
            Reason::Expired { .. } => "certificate_expired",
            Reason::Revoked { .. } => "certificate_revoked",
            Reason::RevocationUnknown => "revocation_unknown",
            Reason::NotAnAuthority => "issuer_not_an_authority",
            Reason::AuthorityKeyUsage => "issuer_key_usage",
            Reason::PathLength => "path_length",
            Reason::CriticalExtension(_) => "critical_extension_unknown",
            Reason::NameConstraint => "name_constraint",
            Reason::Policy => "certificate_policy",
            Reason::PolicyMapping => "policy_mapping",
            Reason::Purpose(_) => "certificate_purpose",
        }
    }

    /// EN 319 102-1 §5.2.6.4: what this means for a signature. A caller with a proof of existence
    /// from before the event asks again for that time.
    pub fn sub_indication(&self) -> SubIndication {
        match (&self.reason, self.is_leaf) {
            (Reason::NoPath | Reason::WorkLimit, _) => SubIndication::NoCertificateChainFound,
            (Reason::NotGranted, _) => SubIndication::NoCertificateChainFoundNoPoe,
            (Reason::WeakAlgorithm(weakness), _) if weakness.is_final() => {
                SubIndication::CryptoConstraintsFailure
            }
            (Reason::WeakAlgorithm(_), _) => SubIndication::CryptoConstraintsFailureNoPoe,
            (
                Reason::Expired {
                    not_revoked: true, ..
                },
                true,
            ) => SubIndication::OutOfBoundsNotRevoked,
            (Reason::NotYetValid { .. } | Reason::Expired { .. }, true) => SubIndication::OutOfBoundsNoPoe,
            (Reason::Revoked { .. }, true) => SubIndication::RevokedNoPoe,
            (Reason::Revoked { .. }, false) => SubIndication::RevokedCaNoPoe,
            (Reason::RevocationUnknown, _) => SubIndication::TryLater,
            (Reason::Purpose(_), _) => SubIndication::ChainConstraintsFailure,
            (
                Reason::BadSignature
                | Reason::Unsupported(_)
                | Reason::NotYetValid { .. }
                | Reason::Expired { .. }
                | Reason::NotAnAuthority
                | Reason::AuthorityKeyUsage
                | Reason::PathLength
                | Reason::CriticalExtension(_)
                | Reason::NameConstraint
                | Reason::Policy
                | Reason::PolicyMapping,
                _,
            ) => SubIndication::CertificateChainGeneralFailure,
        }
    }

    /// The status of a signature by this certificate. Never a proof of the opposite: a chain that
    /// is not found today may be found tomorrow.
    pub fn indication(&self) -> Indication {
        self.sub_indication().indication()
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPath => f.write_str("no path leads to a trusted root"),
            Self::WorkLimit => f.write_str("the search for a path was given up"),
            Self::NotGranted => {
                f.write_str("no trusted list grants this to the service above it at that time")
            }
            Self::BadSignature => f.write_str("its issuer's key did not sign it"),
            Self::Unsupported(what) => write!(f, "{what} is not supported"),
            Self::WeakAlgorithm(weakness) => write!(f, "{weakness}"),
            Self::NotYetValid { from } => write!(f, "not valid before {from}"),
            Self::Expired { since, .. } => write!(f, "expired on {since}"),
            Self::Revoked { at, why } => write!(f, "revoked on {at} ({why})"),
            Self::RevocationUnknown => f.write_str("whether it was revoked is not known"),
            Self::NotAnAuthority => f.write_str("it may not sign certificates"),
            Self::AuthorityKeyUsage => f.write_str("its key usage does not allow signing certificates"),
            Self::PathLength => f.write_str("more authorities follow it than it allows"),
            Self::CriticalExtension(oid) => write!(f, "its critical extension {oid} is not understood"),
            Self::NameConstraint => f.write_str("its name lies outside what an authority may certify"),
            Self::Policy => f.write_str("no certificate policy is acceptable"),
            Self::PolicyMapping => f.write_str("it maps the policy that stands for any"),
            Self::Purpose(what) => f.write_str(what),
        }
    }
}

impl fmt::Display for ValidationFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "certificate of \"{}\": {}",
            self.certificate.subject(),
            self.reason
        )
    }
}

impl std::error::Error for ValidationFailure {}
