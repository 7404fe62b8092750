//! The WebRTC connection of a call: packets and events in, packets and events out.
//!
//! `negotiate` makes it from an offer, `ports` is where packets come and go, `sound` keeps and plays packets, `opus` is what little must be known of them.

mod negotiate;
mod opus;
mod ports;
mod sound;

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use str0m::{
    Event, IceConnectionState, Input, Output, Rtc, RtcError,
    channel::{ChannelData, ChannelId},
    media::{Frequency, MediaAdded, MediaData, MediaKind, MediaTime, Mid},
    net::{Protocol, Receive},
};
use tokio::time;

use crate::conversation::Heard;
pub(crate) use negotiate::{Negotiator, NoAnswer};
use ports::Ports;
use sound::{Memory, Player};

/// The data channel that events travel on. The client opens it.
const EVENTS: &str = "oai-events";

/// How long the last events may take to arrive before the connection is closed all the same.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What happened on a connection.
#[derive(Debug)]
pub(super) enum News {
    /// ICE and DTLS are done.
    Connected,
    /// The data channel for events is open.
    Opened,
    /// The client sent an event.
    Text(String),
    /// The client closed the data channel.
    Shut,
    /// A packet of the user's sound has come.
    Heard(Heard),
    /// The client has closed the connection.
    Closed,
    /// The client has not been heard of for a while, or broke the protocol.
    Lost,
}

/// The WebRTC connection of a call.
pub(crate) struct WebRtc {
    rtc: Rtc,
    ports: Ports,
    channel: Option<ChannelId>,
    /// The longest event that the client takes, in bytes.
    largest: usize,
    unsent: VecDeque<Arc<str>>,
    audio: Option<Mid>,
    memory: Memory,
    player: Player,
}

impl WebRtc {
    fn new(rtc: Rtc, ports: Ports, largest: usize) -> Self {
        Self {
            rtc,
            ports,
            channel: None,
            largest,
            unsent: VecDeque::new(),
            audio: None,
            memory: Memory::default(),
            player: Player::default(),
        }
    }

    /// What happens next. Works only while it is awaited, and is safe to cancel.
    pub(super) async fn news(&mut self) -> News {
        loop {
            if let Err(error) = self.write() {
                tracing::debug!(%error, "a connection failed");
                return News::Lost;
            }
            if !self.rtc.is_alive() {
                return News::Closed;
            }
            match self.rtc.poll_output() {
                Ok(Output::Transmit(packet)) => self.ports.send(&packet),
                Ok(Output::Event(event)) => {
                    if let Some(news) = self.meaning(event) {
                        return news;
                    }
                }
                Ok(Output::Timeout(at)) => {
                    if self.wait(at).await.is_err() {
                        return News::Lost;
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection failed");
                    return News::Lost;
                }
            }
        }
    }

    /// Sends an event as soon as it can be sent. One that is too long for the client is lost: no channel carries it.
    pub(super) fn say(&mut self, event: Arc<str>) {
        if event.len() > self.largest {
            tracing::warn!(
                bytes = event.len(),
                largest = self.largest,
                "an event is too long for its data channel"
            );
        } else {
            self.unsent.push_back(event);
        }
    }

    /// Plays a tone, or the user's last words.
    pub(super) fn play(&mut self, millis: u32, echo: bool) {
        self.player.play(millis, echo.then_some(&self.memory), now());
    }

    /// Stops playing.
    pub(super) fn hush(&mut self) {
        self.player.hush();
    }

    /// Says what is still to be said and closes in good order, so that the client sees it at once.
    pub(super) async fn close(mut self) {
        let _ = time::timeout(LAST_WORDS, self.finish()).await;
        if self.rtc.close().is_ok() {
            while let Ok(output) = self.rtc.poll_output() {
                match output {
                    Output::Transmit(packet) => self.ports.send(&packet),
                    Output::Event(_) => {}
                    Output::Timeout(_) => break,
                }
            }
        }
    }

    /// Works until all that was said has arrived.
    async fn finish(&mut self) {
        while !self.said_all() {
            tokio::select! {
                news = self.news() => if matches!(news, News::Closed | News::Lost) {
                    return;
                },
                () = time::sleep(Duration::from_millis(10)) => {}
            }
        }
    }

    fn said_all(&mut self) -> bool {
        let waiting = self.channel.and_then(|id| self.rtc.channel(id)).map(|mut it| it.buffered_amount());
        waiting.is_none_or(|bytes| bytes == 0 && self.unsent.is_empty())
    }

    /// Hands over what is to be sent now: events, and the sound that is due.
    fn write(&mut self) -> Result<(), RtcError> {
        while let Some(event) = self.unsent.front()
            && let Some(mut channel) = self.channel.and_then(|id| self.rtc.channel(id))
            && channel.write(false, event.as_bytes())?
        {
            self.unsent.pop_front();
        }
        let now = now();
        while let Some(frame) = self.player.next(now) {
            let Some(writer) = self.audio.and_then(|mid| self.rtc.writer(mid)) else { continue };
            let Some(pt) = writer.payload_params().next().map(|params| params.pt()) else { continue };
            let at = MediaTime::new(frame.position, Frequency::FORTY_EIGHT_KHZ);
            writer.start_of_talkspurt(frame.first).write(pt, now, at, frame.packet)?;
            self.rtc.handle_input(Input::Timeout(now))?;
        }
        Ok(())
    }

    /// Waits for a datagram or for the time to do something, and says so to the connection.
    async fn wait(&mut self, at: Instant) -> Result<(), RtcError> {
        let wake = self.player.due().map_or(at, |due| due.min(at));
        tokio::select! {
            datagram = self.ports.receive() => {
                let (from, to) = (datagram.source, datagram.destination);
                match Receive::new(Protocol::Udp, from, to, datagram.bytes()) {
                    Ok(received) => self.rtc.handle_input(Input::Receive(now(), received)),
                    Err(_) => Ok(()),
                }
            }
            () = time::sleep_until(wake.into()) => self.rtc.handle_input(Input::Timeout(now())),
        }
    }

    fn meaning(&mut self, event: Event) -> Option<News> {
        match event {
            Event::Connected => Some(News::Connected),
            Event::ChannelOpen(id, label) if label == EVENTS && self.channel.is_none() => {
                self.channel = Some(id);
                Some(News::Opened)
            }
            Event::ChannelData(ChannelData { id, binary: false, data }) if self.channel == Some(id) => {
                String::from_utf8(data).ok().map(News::Text)
            }
            Event::ChannelClose(id) if self.channel == Some(id) => {
                self.channel = None;
                Some(News::Shut)
            }
            Event::MediaAdded(MediaAdded { mid, kind: MediaKind::Audio, .. }) => {
                self.audio.get_or_insert(mid);
                None
            }
            Event::MediaData(packet) => Some(News::Heard(self.hear(packet))),
            Event::Closed => Some(News::Closed),
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => Some(News::Lost),
            _ => None,
        }
    }

    fn hear(&mut self, MediaData { data, ext_vals, .. }: MediaData) -> Heard {
        let level = ext_vals.audio_level.unwrap_or_else(|| sound::guessed_level(&data));
        let millis = opus::micros(&data) / 1_000;
        self.memory.keep(data, level);
        Heard { level, millis }
    }
}

fn now() -> Instant {
    time::Instant::now().into_std()
}
