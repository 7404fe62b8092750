//! A conversation with one client, and a clock that is moved by hand.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{
    conversation::{Conversation, Heard, Output, PeerId, Session, Side, To, Voice},
    echo,
};

/// The one who speaks.
pub(super) const SPEAKER: PeerId = PeerId(1);

/// A server beside it.
pub(super) const SIDEBAND: PeerId = PeerId(2);

/// Longer than any test.
pub(super) const LIFE: Duration = Duration::from_secs(3_600);

/// How loud speech is, and silence.
pub(super) const LOUD: i8 = -20;
pub(super) const QUIET: i8 = -90;

pub(super) struct Scene {
    pub(super) conversation: Conversation,
    pub(super) now: Instant,
}

impl Scene {
    /// A call whose session has these members.
    pub(super) fn call(session: Value) -> Self {
        Self::new(Voice::WebRtc, session)
    }

    /// A session over a WebSocket.
    pub(super) fn socket(session: Value) -> Self {
        Self::new(Voice::InEvents, session)
    }

    fn new(voice: Voice, mut session: Value) -> Self {
        if session.get("type").is_none() {
            session["type"] = "realtime".into();
        }
        let object = echo::session("sess_scene", &session);
        let session = Session { id: "sess_scene".to_owned(), object };
        let now = tokio::time::Instant::now().into_std();
        let mut scene = Self { conversation: Conversation::new(session, voice, LIFE, now), now };
        scene.conversation.join(SPEAKER, Side::Speaker, now);
        assert_eq!(names(&scene.drain()), ["session.created"]);
        scene
    }

    /// The client says this; returns what comes of it at once.
    pub(super) fn say(&mut self, event: Value) -> Vec<Output> {
        self.send(&event.to_string())
    }

    /// The client sends this text.
    pub(super) fn send(&mut self, text: &str) -> Vec<Output> {
        self.conversation.receive(SPEAKER, text, self.now);
        self.drain()
    }

    /// The client writes this.
    pub(super) fn write(&mut self, text: &str) -> Vec<Output> {
        self.say(json!({
            "type": "conversation.item.create",
            "item": {
                "type": "message", "role": "user", "content": [{ "type": "input_text", "text": text }],
            },
        }))
    }

    /// The client writes this and has it answered to the end; returns the response.
    pub(super) fn answer(&mut self, text: &str) -> Value {
        self.write(text);
        self.respond(json!({}))
    }

    /// The client has a response made, to the end; returns it.
    pub(super) fn respond(&mut self, wanted: Value) -> Value {
        let mut outputs = self.say(json!({ "type": "response.create", "response": wanted }));
        outputs.extend(self.wait(60_000));
        found(&outputs, "response.done")["response"].clone()
    }

    /// Packets of 20 ms, one after the other.
    pub(super) fn hear(&mut self, level: i8, millis: u32) -> Vec<Output> {
        for _ in 0..millis / 20 {
            self.now += Duration::from_millis(20);
            self.conversation.hear(Heard { level, millis: 20 }, self.now);
        }
        self.drain()
    }

    /// Time goes by, in one leap.
    pub(super) fn wait(&mut self, millis: u64) -> Vec<Output> {
        self.now += Duration::from_millis(millis);
        self.conversation.pass(self.now);
        self.drain()
    }

    fn drain(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.conversation.poll()).collect()
    }
}

/// The types of events, and other outputs in capitals. Runs of the same stand once.
pub(super) fn names(outputs: &[Output]) -> Vec<String> {
    let mut names: Vec<String> = outputs.iter().map(name).collect();
    names.dedup();
    names
}

fn name(output: &Output) -> String {
    match output {
        Output::Say { event, .. } => event["type"].as_str().unwrap().to_owned(),
        Output::Play { millis, echo } => format!("PLAY {millis}{}", if *echo { " echo" } else { "" }),
        Output::Hush => "HUSH".to_owned(),
        Output::End(end) => format!("END {end:?}"),
    }
}

/// All events of that type, for whomever.
pub(super) fn all<'a>(outputs: &'a [Output], kind: &str) -> Vec<&'a Value> {
    outputs
        .iter()
        .filter_map(|output| match output {
            Output::Say { event, .. } if event["type"] == kind => Some(event),
            _ => None,
        })
        .collect()
}

/// The one event of that type.
#[track_caller]
pub(super) fn found<'a>(outputs: &'a [Output], kind: &str) -> &'a Value {
    let found = all(outputs, kind);
    assert_eq!(found.len(), 1, "{kind} in {:?}", names(outputs));
    found[0]
}

/// The one error, which has to be for the one who spoke: its code and parameter.
#[track_caller]
pub(super) fn refusal(outputs: &[Output]) -> (&str, Option<&str>) {
    assert_eq!(names(outputs), ["error"]);
    let Output::Say { to, event } = &outputs[0] else { panic!("no event") };
    assert_eq!(*to, To::One(SPEAKER));
    (event["error"]["code"].as_str().unwrap(), event["error"]["param"].as_str())
}
