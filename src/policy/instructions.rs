//! What the model is told: one template for each language of a role, compiled and tried when the policy loads.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use super::mistake::{Mistakes, near};

/// The longest instructions, in characters.
const MAX_CHARS: usize = 32_000;

/// A name as long as names get, to try templates with.
const SAMPLE_NAME: &str = "MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM";

/// What templates may use.
const VARIABLES: [&str; 3] = ["name", "role", "language"];

/// The mend of a template that fails only without a name.
const WITHOUT_NAME: &str =
    "that is so when the name is not known: put the part into {% if name %}…{% endif %}";

/// What the only template of an environment is called.
const TEMPLATE: &str = "instructions";

/// The text of one role in one language.
pub(super) struct Text {
    language: String,
    /// The text for somebody without a name, rendered.
    anonymous: String,
    /// The template; `None` where the name plays no part in it.
    template: Option<Environment<'static>>,
}

impl Text {
    /// Compiles a template and tries it, with and without a name. What is wrong goes to `mistakes`.
    pub(super) fn compile(
        role: &str,
        language: &str,
        at: &str,
        source: &str,
        mistakes: &Mistakes,
    ) -> Option<Self> {
        let mut env = Environment::new();
        env.set_auto_escape_callback(|_| AutoEscape::None);
        // The name may be missing and `{% if name %}` may ask for it; printing what is missing is an error.
        env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        let failed = |error: minijinja::Error, mend: &str| mistakes.report(at, describe(&error), mend);
        if let Err(error) = env.add_template_owned(TEMPLATE, source.to_owned()) {
            failed(error, "mend the template");
            return None;
        }
        let used = variables(&env);
        if !are_known(&used, at, mistakes) {
            return None;
        }
        let named = render(&env, role, language, Some(SAMPLE_NAME))
            .map_err(|error| failed(error, "mend the template"))
            .ok()?;
        let anonymous =
            render(&env, role, language, None).map_err(|error| failed(error, WITHOUT_NAME)).ok()?;
        let fit = [&named, &anonymous].into_iter().all(|text| fits(text, at, mistakes));
        fit.then(|| Self {
            language: language.to_owned(),
            anonymous,
            template: used.iter().any(|used| used == "name").then_some(env),
        })
    }

    /// The language, as the policy writes it.
    pub(super) fn language(&self) -> &str {
        &self.language
    }

    /// The text for somebody, by a name that has been made fit for it.
    pub(super) fn render(&self, role: &str, name: Option<&str>) -> String {
        match (&self.template, name) {
            // The template was tried when it was loaded. One that still fails on some name does without it.
            (Some(env), Some(name)) => render(env, role, &self.language, Some(name))
                .ok()
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| self.anonymous.clone()),
            _ => self.anonymous.clone(),
        }
    }
}

/// The variables that a template takes from outside.
fn variables(env: &Environment<'_>) -> Vec<String> {
    let Ok(template) = env.get_template(TEMPLATE) else {
        return Vec::new();
    };
    let own: Vec<&str> = env.globals().map(|(name, _)| name).collect();
    let mut used: Vec<String> = template.undeclared_variables(false).into_iter().collect();
    used.retain(|used| !own.contains(&used.as_str()));
    used.sort_unstable();
    used
}

/// Whether a template uses nothing that does not exist.
fn are_known(used: &[String], at: &str, mistakes: &Mistakes) -> bool {
    let strangers = || used.iter().filter(|used| !VARIABLES.contains(&used.as_str()));
    for stranger in strangers() {
        let meant = near(stranger, VARIABLES).map(|meant| format!("did you mean `{meant}`?"));
        let mend = meant.unwrap_or_else(|| "use name, role or language".to_owned());
        mistakes.report(at, format!("uses `{stranger}`, which does not exist"), mend);
    }
    strangers().next().is_none()
}

fn render(
    env: &Environment<'_>,
    role: &str,
    language: &str,
    name: Option<&str>,
) -> Result<String, minijinja::Error> {
    let name = name.map_or(Value::UNDEFINED, Value::from);
    let text = env.get_template(TEMPLATE)?.render(context! { name, role, language })?;
    Ok(text.trim().to_owned())
}

/// Whether instructions are neither empty nor too long.
fn fits(text: &str, at: &str, mistakes: &Mistakes) -> bool {
    let chars = text.chars().count();
    if chars == 0 {
        mistakes.report(at, "renders to nothing", "write what the model is to do");
    }
    if chars > MAX_CHARS {
        mistakes.report(at, format!("renders to more than {MAX_CHARS} characters"), "shorten it");
    }
    (1..=MAX_CHARS).contains(&chars)
}

/// An error of the template engine, in words for operators.
fn describe(error: &minijinja::Error) -> String {
    let line = error.line().map(|line| format!(" on line {line} of the text")).unwrap_or_default();
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("fails with `{}`{line}{detail}", error.kind())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(source: &str) -> Result<Text, Vec<String>> {
        let mistakes = Mistakes::default();
        let text = Text::compile("student", "es", "here", source, &mistakes);
        text.ok_or_else(|| mistakes.into_vec().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn texts_know_name_role_and_language() {
        let text = compile("{{ role }}/{{ language }}{% if name %}: {{ name }}{% endif %}\n").unwrap();
        assert_eq!(text.render("student", None), "student/es");
        assert_eq!(text.render("student", Some("Ana")), "student/es: Ana");
        let text = compile("Hi {{ name|default('friend') }}").unwrap();
        assert_eq!(text.render("student", None), "Hi friend");
    }

    #[test]
    fn a_name_is_never_a_template_nor_escaped() {
        let text = compile("{% if name %}{{ name }}{% else %}-{% endif %}").unwrap();
        for name in ["{{ role }}", "{% if x %}", "<b>&'", "{# #}"] {
            assert_eq!(text.render("student", Some(name)), name);
        }
    }

    #[test]
    fn a_text_that_fails_on_a_name_does_without_it() {
        let source = "Hi{% if name %}{% if name == 'Bo' %}{{ 1 // 0 }}{% endif %} {{ name }}{% endif %}";
        let text = compile(source).unwrap();
        assert_eq!(text.render("student", Some("Al")), "Hi Al");
        assert_eq!(text.render("student", Some("Bo")), "Hi");
    }

    #[test]
    fn bad_templates_are_told_apart() {
        let long = "x".repeat(MAX_CHARS + 1);
        for (source, part) in [
            ("Hi {{ name }}", "{% if name %}"),
            ("Hi {{ nmae }}", "did you mean `name`?"),
            ("{% if nmae %}a{% endif %}b", "did you mean `name`?"),
            ("Hi {{ password }}", "use name, role or language"),
            ("Hi {% if", "fails with `syntax error` on line 1"),
            ("Hi {{ role|shout }}", "shout"),
            ("{% include 'x' %}", "syntax error"),
            ("  \n", "renders to nothing"),
            ("{% if name %}a{% endif %}", "renders to nothing"),
            (&long, "more than 32000"),
        ] {
            let mistakes = compile(source).err().unwrap();
            assert!(mistakes.len() == 1 && mistakes[0].contains(part), "{mistakes:?}");
        }
    }
}
