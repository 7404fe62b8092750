//! From an offer to a connection.

use std::{io, net::IpAddr, sync::Arc};

use str0m::{
    Candidate, Rtc, RtcConfig,
    change::SdpOffer,
    config::{CryptoProvider, DtlsCert},
};
use tokio::time::Instant;

use super::{WebRtc, ports::Ports};

/// How much may be on its way on a data channel, in bytes; the largest event has to fit.
const UNSENT: usize = 1 << 20;

/// Why there is no answer to an offer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// The offer is at fault; what is wrong with it.
    Offer(&'static str),
    /// No port could be had.
    Port(io::Error),
}

/// What all connections share: the certificate, which takes longest to make.
pub(crate) struct Negotiator {
    crypto: Arc<CryptoProvider>,
    certificate: DtlsCert,
}

impl Negotiator {
    /// Makes the certificate.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub(crate) fn new() -> io::Result<Self> {
        let crypto = Arc::new(str0m::crypto::from_feature_flags());
        let certificate = crypto.dtls_provider.generate_certificate();
        let certificate = certificate.ok_or_else(|| io::Error::other("cannot make a DTLS certificate"))?;
        Ok(Self { crypto, certificate })
    }

    /// Takes an offer: the connection, which listens on these addresses from now on, and the answer.
    pub(crate) async fn accept(
        &self,
        offer: &str,
        addresses: &[IpAddr],
    ) -> Result<(WebRtc, String), NoAnswer> {
        let largest = largest_message(offer);
        let offer = parsed(offer)?;
        let ports = Ports::bind(addresses).await.map_err(NoAnswer::Port)?;
        let mut rtc = self.lite();
        for address in ports.addresses() {
            let candidate = Candidate::host(address, "udp");
            rtc.add_local_candidate(candidate.map_err(|error| NoAnswer::Port(io::Error::other(error)))?);
        }
        let answer = rtc.sdp_api().accept_offer(offer);
        let answer = answer.map_err(|_| NoAnswer::Offer("cannot be answered"))?;
        Ok((WebRtc::new(rtc, ports, largest), answer.to_sdp_string()))
    }

    /// An end that waits to be found (ICE-lite) and speaks Opus only.
    fn lite(&self) -> Rtc {
        RtcConfig::new()
            .set_crypto_provider(Arc::clone(&self.crypto))
            .set_dtls_cert(self.certificate.clone())
            .set_ice_lite(true)
            .clear_codecs()
            .enable_opus(true, false)
            .set_reordering_size_audio(1)
            .set_sctp_max_buffered_amount(UNSENT)
            .build(Instant::now().into_std())
    }
}

fn parsed(offer: &str) -> Result<SdpOffer, NoAnswer> {
    let has = |media: &str| offer.lines().any(|line| line.starts_with(media));
    if !offer.starts_with("v=0") {
        return Err(NoAnswer::Offer("is not SDP"));
    }
    if !has("m=audio ") {
        return Err(NoAnswer::Offer("has no audio"));
    }
    if !has("m=application ") {
        return Err(NoAnswer::Offer("has no data channel"));
    }
    SdpOffer::from_sdp_string(offer).map_err(|_| NoAnswer::Offer("is not the SDP of an offer"))
}

/// The longest message that the other end takes, in bytes (RFC 8841, section 6).
fn largest_message(offer: &str) -> usize {
    let said = offer.lines().find_map(|line| line.strip_prefix("a=max-message-size:"));
    match said.map(|bytes| bytes.trim().parse().unwrap_or(0)) {
        None => 65_536,
        Some(0) => UNSENT,
        Some(bytes) => UNSENT.min(bytes),
    }
}
