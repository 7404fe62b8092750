//! How responses are made and unmade.

use std::time::Instant;

use serde_json::{Value, json};

use super::{
    Conversation,
    client_event::Wanted,
    items::Item,
    plan::Grounds,
    response::{Cancelled, Ending, Part, Response, joined},
};
use crate::validate::Refusal;

/// How many responses may be under way beside the conversation.
const MOST_ASIDE: usize = 16;

/// What an account may use in a minute, as far as it is told.
const TOKENS_A_MINUTE: u64 = 40_000;

impl Conversation {
    pub(super) fn create_response(&mut self, wanted: &Wanted, now: Instant) -> Result<(), Refusal> {
        self.may_respond(wanted)?;
        let own = wanted.input.as_ref().map(|input| self.own_context(input)).transpose()?;
        let grounds = Grounds {
            configuration: &self.configuration,
            context: own.as_ref().map_or_else(|| self.items.iter().collect(), |own| own.iter().collect()),
            seen: self.seen,
            conversation_id: &self.id,
        };
        let response = grounds.plan(wanted, &mut self.outbox, now);
        self.begin(response, now);
        Ok(())
    }

    fn may_respond(&self, wanted: &Wanted) -> Result<(), Refusal> {
        if !self.configuration.converses() {
            return Err(Refusal::new(
                "invalid_value",
                Some("type"),
                "This type of session has no responses.",
            ));
        }
        if self.has_spoken {
            self.configuration.keeps_voice(wanted.voice())?;
        }
        if wanted.conversation.as_deref() == Some("none") {
            return if self.responses.len() < MOST_ASIDE { Ok(()) } else { Err(too_many()) };
        }
        match self.responses.iter().find(|response| !response.is_aside) {
            Some(Response { id, .. }) => {
                let message =
                    format!("The conversation has an active response: {id}. Wait until it is done.");
                Err(Refusal::new("conversation_already_has_active_response", None, message))
            }
            None => Ok(()),
        }
    }

    /// The items that a response is to see in place of the conversation.
    fn own_context(&mut self, input: &[Value]) -> Result<Vec<Item>, Refusal> {
        let mut context: Vec<Item> = Vec::with_capacity(input.len());
        for (index, sent) in input.iter().enumerate() {
            let param = format!("response.input[{index}]");
            let item = match sent.get("type").and_then(Value::as_str) {
                Some("item_reference") => self.referred(sent, &param)?,
                _ => self.made(sent.clone(), &param)?,
            };
            context.push(item);
        }
        Ok(context)
    }

    fn referred(&self, reference: &Value, param: &str) -> Result<Item, Refusal> {
        let id = reference.get("id").and_then(Value::as_str).unwrap_or_default();
        self.items.get(id).cloned().ok_or_else(|| {
            let message = format!("The conversation has no item `{id}`.");
            Refusal::new("invalid_value", Some(&format!("{param}.id")), message)
        })
    }

    fn begin(&mut self, response: Response, now: Instant) {
        self.outbox.tell("response.created", json!({ "response": response.begun() }));
        let limit = json!({
            "name": "tokens",
            "limit": TOKENS_A_MINUTE,
            "remaining": TOKENS_A_MINUTE.saturating_sub(response.input.total()),
            "reset_seconds": 60.0,
        });
        self.outbox.tell("rate_limits.updated", json!({ "rate_limits": [limit] }));

        let item = response.item(None);
        let object = item.object.clone();
        let added = json!({ "response_id": response.id, "output_index": 0, "item": object });
        self.outbox.tell("response.output_item.added", added);
        if !response.is_aside {
            self.seen = response.input;
            let before = self.items.append(item);
            let event = json!({ "previous_item_id": before, "item": object });
            self.outbox.tell("conversation.item.added", event);
        }
        if let Some(part) = response.content_part() {
            let event = joined(response.place(), json!({ "content_index": 0, "part": part }));
            self.outbox.tell("response.content_part.added", event);
        }
        if response.part == Part::Sound {
            self.play(&response, now);
        }
        self.responses.push(response);
        self.go_on(now);
    }

    pub(super) fn cancel_response(&mut self, id: Option<&str>) -> Result<(), Refusal> {
        let is_meant = |response: &Response| id.map_or(!response.is_aside, |id| response.id == id);
        let Some(at) = self.responses.iter().position(is_meant) else {
            let message = "There is no active response to cancel.";
            return Err(Refusal::new("response_cancel_not_active", None, message));
        };
        // What the user hears goes on until the client clears it, as sound is made faster than it is heard.
        let response = self.responses.remove(at);
        self.finish(&response, Ending::Cancelled(Cancelled::ByClient));
        Ok(())
    }

    /// The user speaks: the model stops.
    pub(super) fn give_way(&mut self) {
        if let Some(at) = self.responses.iter().position(|response| !response.is_aside) {
            let response = self.responses.remove(at);
            self.finish(&response, Ending::Cancelled(Cancelled::BySpeech));
        }
        self.hush();
    }
}

fn too_many() -> Refusal {
    let message = format!("There are {MOST_ASIDE} active responses. Wait until one is done.");
    Refusal::new("too_many_active_responses", None, message)
}
