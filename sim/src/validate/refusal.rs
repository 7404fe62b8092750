//! Why a body is refused.

/// Why a body is refused: the provider's code, where in the body, and a sentence.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    /// The place, such as `session.tools[2].name`; none where it is the body itself.
    pub(crate) param: Option<String>,
    pub(crate) message: String,
}

impl Refusal {
    /// A refusal for a reason of its own.
    pub(crate) fn new(code: &'static str, param: Option<&str>, message: impl Into<String>) -> Self {
        Self { code, param: param.map(str::to_owned), message: message.into() }
    }

    /// A key that the API does not have there.
    pub(super) fn unknown(param: String) -> Self {
        let message = format!("`{param}` is not a parameter of this request.");
        Self { code: "unknown_parameter", param: Some(param), message }
    }

    /// A key that has to be there.
    pub(super) fn missing(param: String) -> Self {
        let message = format!("`{param}` is required.");
        Self { code: "missing_required_parameter", param: Some(param), message }
    }

    /// A value of the wrong JSON type.
    pub(super) fn wrong_type(param: Option<String>, expected: &str, found: &str) -> Self {
        let message = format!("{} has to be {expected}, and is {found}.", place(param.as_deref()));
        Self { code: "invalid_type", param, message }
    }

    /// A value of the right type that is not allowed.
    pub(super) fn wrong_value(param: Option<String>, expected: &str) -> Self {
        let message = format!("{} has to be {expected}.", place(param.as_deref()));
        Self { code: "invalid_value", param, message }
    }

    /// A model that does not exist.
    pub(super) fn no_such_model(param: Option<String>) -> Self {
        let message = format!("{} names no model that this key can use.", place(param.as_deref()));
        Self { code: "model_not_found", param, message }
    }
}

fn place(param: Option<&str>) -> String {
    param.map_or_else(|| "The body".to_owned(), |param| format!("`{param}`"))
}
