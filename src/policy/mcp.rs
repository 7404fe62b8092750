//! Reads the MCP servers whose tools a model may use. The provider calls them, so what opens them goes to the provider.

use std::collections::BTreeMap;

use secrecy::SecretString;
use toml::Value;

use crate::kernel::session::{Approval, Mcp, McpServer};

use super::reader::Section;
use super::secrets::Given;
use super::tools::new_name;

/// One server; `names` are those of the tools that came before it.
pub(super) fn server(mut table: Section<'_>, given: Given<'_>, names: &mut Vec<String>) -> Option<Mcp> {
    let label = new_name(&mut table, "server_label", names);
    let server = place(&mut table);
    let description = table.text("server_description");
    let allowed_tools = table.texts("allowed_tools");
    if allowed_tools.as_ref().is_some_and(Vec::is_empty) {
        table.report("allowed_tools", "is empty", "name some, or leave it out for all");
    }
    let require_approval =
        table.word("require_approval", &[("always", Approval::Always), ("never", Approval::Never)]);
    let authorization =
        table.text("authorization_env").and_then(|name| given.secret(&table, "authorization_env", &name));
    let headers = headers(&mut table, given);
    refuse_literals(&mut table);
    table.finish(|_| None);
    Some(Mcp {
        label: label?,
        server: server?,
        description,
        allowed_tools,
        require_approval,
        authorization,
        headers,
    })
}

/// `server_url` or `connector_id`, one of them.
fn place(table: &mut Section<'_>) -> Option<McpServer> {
    let (url, connector) = (table.text("server_url"), table.text("connector_id"));
    match (url, connector) {
        (Some(_), Some(_)) => {
            table.report("connector_id", "stands beside server_url", "keep one of the two");
            None
        }
        (Some(url), None) => {
            if !is_plain_https(&url) {
                // Not repeated: an address may have a password in it.
                let mend = "write https:// and the server's address, without a user or a password";
                table.report("server_url", "is not an https address", mend);
            }
            Some(McpServer::Url(url))
        }
        (None, Some(connector)) => Some(McpServer::Connector(connector)),
        (None, None) => {
            table.report("server_url", "is missing", "say where the server is, or name a connector_id");
            None
        }
    }
}

/// Whether this is an https address without a user or a password in it.
pub(super) fn is_plain_https(url: &str) -> bool {
    let host = url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
    let plain = url.bytes().all(|b| b.is_ascii_graphic());
    plain && host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
}

/// `headers_env`: the names of headers, and the variables that hold their values.
fn headers(table: &mut Section<'_>, given: Given<'_>) -> BTreeMap<String, SecretString> {
    let Some(mut names) = table.section("headers_env") else {
        return BTreeMap::new();
    };
    let mut headers = BTreeMap::new();
    for (header, value) in names.entries() {
        if header.is_empty() || !header.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            names.report(&header, "is no name for a header", "use A-Z, a-z, 0-9 and -");
            continue;
        }
        let Value::String(name) = value else {
            names.report_type(&header, &value, "the name of a variable, in quotes");
            continue;
        };
        headers.extend(given.secret(&names, &header, &name).map(|secret| (header, secret)));
    }
    headers
}

/// Credentials have no place in the file itself.
fn refuse_literals(table: &mut Section<'_>) {
    for (key, instead) in [("authorization", "authorization_env"), ("headers", "headers_env")] {
        if table.has(key) {
            table.take(key);
            let mend = format!("put the secret into the environment or a file, and its name into {instead}");
            table.report(key, "would be a secret in the policy", mend);
        }
    }
}
