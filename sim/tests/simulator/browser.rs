//! A browser, as far as a call is concerned: a full ICE agent with a microphone and the data channel for events.

use std::{sync::Arc, time::Duration};

use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use str0m::{
    Candidate, Event, Input, Output, Rtc, RtcConfig,
    change::{SdpAnswer, SdpPendingOffer},
    channel::ChannelId,
    media::{Direction, Frequency, MediaKind, MediaTime, Mid},
    net::{Protocol, Receive},
};
use tokio::{
    net::UdpSocket,
    time::{Instant, sleep_until, timeout},
};

const PATIENCE: Duration = Duration::from_secs(10);

/// One page with a peer connection.
pub(crate) struct Browser {
    rtc: Rtc,
    socket: UdpSocket,
    pending: Option<SdpPendingOffer>,
    audio: Mid,
    channel: Option<ChannelId>,
    position: u64,
    /// The events that came, oldest first.
    pub(crate) events: Vec<Value>,
    /// The packets of sound that came, oldest first.
    pub(crate) heard: Vec<Arc<[u8]>>,
    /// Whether the data channel was open and is closed.
    pub(crate) channel_closed: bool,
    /// Whether the provider closed the connection.
    pub(crate) closed: bool,
}

impl Browser {
    /// A page that has made an offer, and the offer.
    pub(crate) async fn offer() -> (Self, String) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut rtc = RtcConfig::new()
            .set_crypto_provider(Arc::new(str0m::crypto::from_feature_flags()))
            .build(Instant::now().into_std());
        rtc.add_local_candidate(Candidate::host(socket.local_addr().unwrap(), "udp").unwrap());
        let mut changes = rtc.sdp_api();
        let audio = changes.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        changes.add_channel("oai-events".to_owned());
        let (offer, pending) = changes.apply().unwrap();
        let browser = Self {
            rtc,
            socket,
            pending: Some(pending),
            audio,
            channel: None,
            position: 0,
            events: Vec::new(),
            heard: Vec::new(),
            channel_closed: false,
            closed: false,
        };
        (browser, offer.to_sdp_string())
    }

    /// Opens a call: `request` is given the offer, and its answer has to be one.
    pub(crate) async fn call(request: impl FnOnce(String) -> RequestBuilder) -> (Self, Call) {
        let (mut browser, offer) = Self::offer().await;
        let response = request(offer).send().await.unwrap();
        let call = Call::of(&response);
        browser.accept(&response.text().await.unwrap());
        (browser, call)
    }

    /// Takes the answer to its offer.
    pub(crate) fn accept(&mut self, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        self.rtc.sdp_api().accept_answer(self.pending.take().unwrap(), answer).unwrap();
    }

    /// Sends an event.
    pub(crate) fn send(&mut self, event: &Value) {
        let mut channel = self.rtc.channel(self.channel.unwrap()).unwrap();
        assert!(channel.write(false, event.to_string().as_bytes()).unwrap());
    }

    /// Sends 20 ms of sound, so loud (in dBov).
    pub(crate) fn speak(&mut self, packet: &[u8], level: i8) {
        let writer = self.rtc.writer(self.audio).unwrap();
        let pt = writer.payload_params().next().unwrap().pt();
        let at = MediaTime::new(self.position, Frequency::FORTY_EIGHT_KHZ);
        self.position += 960;
        let now = Instant::now().into_std();
        writer.audio_level(level, level > -60).write(pt, now, at, packet.to_vec()).unwrap();
    }

    /// Closes the connection, as a page does that ends a call.
    pub(crate) async fn close(mut self) {
        self.rtc.close().unwrap();
        while let Output::Transmit(packet) = self.rtc.poll_output().unwrap() {
            self.socket.send_to(&packet.contents, packet.destination).await.unwrap();
        }
    }

    /// Lives until `condition` holds.
    pub(crate) async fn until(&mut self, condition: impl Fn(&Self) -> bool) {
        let waited = async {
            while !condition(self) {
                self.step().await;
            }
        };
        timeout(PATIENCE, waited).await.unwrap();
    }

    /// Lives until an event of that type has come, and returns the newest.
    pub(crate) async fn event(&mut self, kind: &str) -> Value {
        let newest =
            |browser: &Self| browser.events.iter().rev().find(|event| event["type"] == kind).cloned();
        self.until(|browser| newest(browser).is_some()).await;
        newest(self).unwrap()
    }

    /// Lives for a while.
    pub(crate) async fn live(&mut self, time: Duration) {
        let _ = timeout(time, async {
            loop {
                self.step().await;
            }
        })
        .await;
    }

    async fn step(&mut self) {
        match self.rtc.poll_output().unwrap() {
            Output::Transmit(packet) => {
                // A port that nobody listens on any more is no surprise.
                let _ = self.socket.try_send_to(&packet.contents, packet.destination);
            }
            Output::Event(event) => self.note(event),
            Output::Timeout(at) => self.wait(at).await,
        }
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::ChannelOpen(id, _) => self.channel = Some(id),
            Event::ChannelData(data) => self.events.push(serde_json::from_slice(&data.data).unwrap()),
            Event::ChannelClose(_) => self.channel_closed = true,
            Event::MediaData(packet) => self.heard.push(packet.data),
            Event::Closed => self.closed = true,
            _ => {}
        }
    }

    async fn wait(&mut self, at: std::time::Instant) {
        let mut datagram = [0; 2_048];
        tokio::select! {
            Ok((length, source)) = self.socket.recv_from(&mut datagram) => {
                let local = self.socket.local_addr().unwrap();
                if let Ok(received) = Receive::new(Protocol::Udp, source, local, datagram.get(..length).unwrap()) {
                    let now = Instant::now().into_std();
                    self.rtc.handle_input(Input::Receive(now, received)).unwrap();
                }
            }
            () = sleep_until(at.into()) => {
                self.rtc.handle_input(Input::Timeout(Instant::now().into_std())).unwrap();
            }
        }
    }
}

/// A call that was begun.
#[derive(Debug)]
pub(crate) struct Call {
    /// `rtc_…`.
    pub(crate) id: String,
    /// The whole `Location`.
    pub(crate) location: String,
}

impl Call {
    /// What an answer says of the call that it began.
    pub(crate) fn of(response: &Response) -> Self {
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["content-type"], "application/sdp");
        let location = response.headers()["location"].to_str().unwrap().to_owned();
        Self { id: location.rsplit('/').next().unwrap().to_owned(), location }
    }
}
