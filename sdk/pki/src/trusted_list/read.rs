//! From signed XML to what a list says (TS 119 612 §5), in its order.

use time::format_description::well_known::Rfc3339;

use super::{ListPointer, Service, ServiceKind, ServiceStatus, TrustedList, TrustedListError};
use crate::Time;
use crate::certificate::Certificate;
use crate::xml::Node;
use crate::xml::signature::{Signed, base64};

type Read<T> = Result<T, TrustedListError>;

pub(super) fn list(signed: Signed<'_, '_>, signers: &[Certificate]) -> Read<TrustedList> {
    let root = signed.root();
    if !root.is(TSL, "TrustServiceStatusList") || root.attribute("TSLTag") != Some(TAG) {
        return Err(wrong("the outermost element"));
    }
    let scheme = one(root, "SchemeInformation")?;
    // Version 5 is TS 119 612 V2.1.1 to V2.2.1, version 6 V2.3.1 and later: what is read here is the same in both.
    if !matches!(&*text(scheme, "TSLVersionIdentifier")?, "5" | "6") {
        return Err(wrong("a version that is not read here"));
    }
    let next_update = one(scheme, "NextUpdate")?;
    let next_update = match next_update.only(TSL, "dateTime") {
        Some(when) => Some(time(when)?),
        None if next_update.children().next().is_none() => None,
        None => return Err(wrong("the time of the next update")),
    };
    let mut services = Vec::new();
    if let Some(providers) = optional(root, "TrustServiceProviderList")? {
        for provider in providers.named(TSL, "TrustServiceProvider") {
            self::services(provider, &mut services)?;
        }
    }
    let pointers = optional(scheme, "PointersToOtherTSL")?;
    let pointers = pointers
        .into_iter()
        .flat_map(|all| all.named(TSL, "OtherTSLPointer"))
        .map(pointer)
        .collect::<Read<Vec<_>>>()?;
    Ok(TrustedList {
        territory: text(scheme, "SchemeTerritory")?,
        operator: name(one(scheme, "SchemeOperatorName")?)?,
        sequence_number: text(scheme, "TSLSequenceNumber")?
            .parse()
            .map_err(|_| wrong("its sequence number"))?,
        issued: time(one(scheme, "ListIssueDateTime")?)?,
        next_update,
        services,
        pointers,
        signer: signers.get(signed.signer).cloned().ok_or(wrong("its signer"))?,
    })
}

/// §5.4.
fn services(provider: Node<'_, '_>, services: &mut Vec<Service>) -> Read<()> {
    let information = one(provider, "TSPInformation")?;
    let name = name(one(information, "TSPName")?)?;
    let Some(all) = optional(provider, "TSPServices")? else {
        return Ok(());
    };
    for service in all.named(TSL, "TSPService") {
        let current = one(service, "ServiceInformation")?;
        let mut history = vec![status(current)?];
        if let Some(past) = optional(service, "ServiceHistory")? {
            for instance in past.named(TSL, "ServiceHistoryInstance") {
                history.push(status(instance)?);
            }
        }
        // §5.5.10: each older than the one before, or the periods overlap.
        if !history.is_sorted_by(|newer, older| newer.since > older.since) {
            return Err(wrong("the history of a service is out of order"));
        }
        if history.iter().all(|status| status.kind.is_none()) {
            continue;
        }
        services.push(Service {
            provider: name.clone(),
            certificates: certificates(one(current, "ServiceDigitalIdentity")?)?,
            history,
        });
    }
    Ok(())
}

/// §5.5.1 to §5.5.9, §5.6.
fn status(service: Node<'_, '_>) -> Read<ServiceStatus> {
    let kind = match &*text(service, "ServiceTypeIdentifier")? {
        "http://uri.etsi.org/TrstSvc/Svctype/CA/QC" => Some(ServiceKind::Certificates),
        "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST" => Some(ServiceKind::Timestamps),
        _ => None,
    };
    let extensions = optional(service, "ServiceInformationExtensions")?;
    let serves = extensions.is_none_or(|all| serves_signatures(all, kind));
    let status = text(service, "ServiceStatus")?;
    Ok(ServiceStatus {
        kind: kind.filter(|_| serves),
        granted: GRANTED.contains(&status.as_str()),
        since: time(one(service, "StatusStartingTime")?)?,
    })
}

/// §5.5.9: no critical extension that is not understood; §5.5.9.4: among what the certificates are for, when that is
/// said, there are signatures or seals.
fn serves_signatures(extensions: Node<'_, '_>, kind: Option<ServiceKind>) -> bool {
    let mut uses = Vec::new();
    for extension in extensions.named(TSL, "Extension") {
        let critical = !matches!(extension.attribute("Critical"), Some("false" | "0"));
        let mut known = false;
        for inside in extension.children() {
            if inside.is(TSL, "AdditionalServiceInformation") {
                known = true;
                uses.extend(inside.only(TSL, "URI").and_then(Node::text));
            }
            known |= inside.is(TSL, "ExpiredCertsRevocationInfo")
                || inside.is(ADDITIONAL, "TakenOverBy")
                || inside.is(QUALIFICATIONS, "Qualifications");
        }
        if critical && !known {
            return false;
        }
    }
    let about_use = |uri: &&String| uri.starts_with(FOR);
    kind != Some(ServiceKind::Certificates)
        || !uses.iter().any(|uri| about_use(&uri))
        || uses
            .iter()
            .filter(about_use)
            .any(|uri| ["eSignatures", "eSeals"].contains(&uri.strip_prefix(FOR).unwrap_or_default()))
}

/// §5.5.3: identities beside certificates (names, key identifiers) prove nothing that is not in them.
fn certificates(identity: Node<'_, '_>) -> Read<Vec<Certificate>> {
    let mut found = Vec::new();
    for id in identity.named(TSL, "DigitalId") {
        for certificate in id.named(TSL, "X509Certificate") {
            let der = base64(certificate).map_err(|_| wrong("a certificate that is no base64"))?;
            found.extend(Certificate::from_der(&der).ok());
        }
    }
    Ok(found)
}

/// §5.3.13.
fn pointer(pointer: Node<'_, '_>) -> Read<ListPointer> {
    let mut signers = Vec::new();
    if let Some(identities) = optional(pointer, "ServiceDigitalIdentities")? {
        for identity in identities.named(TSL, "ServiceDigitalIdentity") {
            signers.extend(certificates(identity)?);
        }
    }
    let information = optional(pointer, "AdditionalInformation")?;
    let mut others = information
        .into_iter()
        .flat_map(|all| all.named(TSL, "OtherInformation"));
    let territory = others.find_map(|other| other.only(TSL, "SchemeTerritory")?.text());
    Ok(ListPointer {
        location: text(pointer, "TSLLocation")?,
        territory,
        signers,
    })
}

/// §5.1.4: the first of a name's languages.
fn name(names: Node<'_, '_>) -> Read<String> {
    let first = names.named(TSL, "Name").next().and_then(Node::text);
    first.ok_or(wrong("a name"))
}

/// §5.1.3: UTC, in whole seconds.
fn time(node: Node<'_, '_>) -> Read<Time> {
    let text = node.text().ok_or(wrong("a time"))?;
    Time::parse(&text, &Rfc3339).map_err(|_| wrong("a time"))
}

fn text(node: Node<'_, '_>, local: &'static str) -> Read<String> {
    one(node, local)?.text().ok_or(wrong(local))
}

fn one<'t, 'x>(node: Node<'t, 'x>, local: &'static str) -> Read<Node<'t, 'x>> {
    node.only(TSL, local).ok_or(wrong(local))
}

fn optional<'t, 'x>(node: Node<'t, 'x>, local: &'static str) -> Read<Option<Node<'t, 'x>>> {
    match node.named(TSL, local).next() {
        None => Ok(None),
        Some(_) => one(node, local).map(Some),
    }
}

const fn wrong(what: &'static str) -> TrustedListError {
    TrustedListError::Structure(what)
}

/// §5.5.4 and annex D.5.6; the last three are those of before July 2016.
const GRANTED: [&str; 4] = [
    "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted",
    "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/undersupervision",
    "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/supervisionincessation",
    "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/accredited",
];

const TSL: &str = "http://uri.etsi.org/02231/v2#";
const TAG: &str = "http://uri.etsi.org/19612/TSLTag";
const ADDITIONAL: &str = "http://uri.etsi.org/02231/v2/additionaltypes#";
const QUALIFICATIONS: &str = "http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#";
/// §5.5.9.4: followed by `eSignatures`, `eSeals`, `WebSiteAuthentication`.
const FOR: &str = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/For";
