//! Backends, by the digests of their secrets.

use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Params, Result, Row, TransactionBehavior, params};

use super::super::{Act, ServiceRecord, Services, StoreError};
use super::ledger::time;
use super::{SqliteStore, administration, queries};
use crate::kernel::provider_name::ProviderName;
use crate::kernel::service::{SecretDigest, Service, ServiceName};

#[async_trait]
impl Services for SqliteStore {
    async fn services(&self) -> Result<Vec<ServiceRecord>, StoreError> {
        let list = |db: &mut Connection| {
            let mut statement = db.prepare_cached(queries::SERVICES)?;
            statement.query_map([], record)?.filter_map(Result::transpose).collect()
        };
        self.reader.run("reading the services", list).await
    }

    async fn add_service(
        &self,
        service: &Service,
        secret: &SecretDigest,
        act: &Act,
    ) -> Result<Option<ServiceRecord>, StoreError> {
        let (name, secret, act) = (service.name.clone(), *secret, act.clone());
        let scopes = service.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(",");
        let providers = service.providers.iter().map(ProviderName::as_str).collect::<Vec<_>>().join(",");
        let now = self.clock.now().timestamp_millis();
        let add = move |db: &mut Connection| {
            let parameters = params![name.as_str(), secret.as_bytes(), scopes, providers, now];
            change(db, queries::ADD_SERVICE, parameters, &act)
        };
        self.writer.run("adding a service", add).await
    }

    async fn rotate_service(
        &self,
        name: &ServiceName,
        secret: &SecretDigest,
        grace: Duration,
        act: &Act,
    ) -> Result<Option<ServiceRecord>, StoreError> {
        let (name, secret, act) = (name.clone(), *secret, act.clone());
        let grace = i64::try_from(grace.as_secs()).unwrap_or(i64::MAX).saturating_mul(1000);
        let now = self.clock.now().timestamp_millis();
        let rotate = move |db: &mut Connection| {
            let parameters = params![name.as_str(), secret.as_bytes(), grace, now];
            change(db, queries::ROTATE_SERVICE, parameters, &act)
        };
        self.writer.run("rotating a service's secret", rotate).await
    }

    async fn revoke_service(&self, name: &ServiceName, act: &Act) -> Result<bool, StoreError> {
        let (name, act) = (name.clone(), act.clone());
        let revoke = move |db: &mut Connection| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let was_there =
                transaction.prepare_cached(queries::REVOKE_SERVICE)?.execute(params![name.as_str()])? > 0;
            if was_there {
                administration::write(&transaction, &act)?;
            }
            transaction.commit()?;
            Ok(was_there)
        };
        self.writer.run("revoking a service", revoke).await
    }

    async fn service_by(&self, secret: &SecretDigest) -> Result<Option<Service>, StoreError> {
        let (secret, now) = (*secret, self.clock.now().timestamp_millis());
        let find = move |db: &mut Connection| {
            let mut statement = db.prepare_cached(queries::FIND_SERVICE)?;
            let found = |row: &Row<'_>| Ok((service(row)?, row.get::<_, bool>("is_due")?));
            statement.query_row(params![secret.as_bytes(), now], found).optional()
        };
        let Some((Some(service), is_due)) = self.reader.run("looking a service up", find).await? else {
            return Ok(None);
        };
        if is_due {
            let name = service.name.clone();
            let note = move |db: &mut Connection| {
                db.prepare_cached(queries::NOTE_SERVICE_USE)?.execute(params![name.as_str(), now])
            };
            self.writer.run("noting that a service was here", note).await?;
        }
        Ok(Some(service))
    }
}

/// A statement that answers with the backend that it changed, if it changed one, and the act.
fn change(
    db: &mut Connection,
    query: &str,
    parameters: impl Params,
    act: &Act,
) -> Result<Option<ServiceRecord>> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let changed = transaction.prepare_cached(query)?.query_row(parameters, record).optional()?;
    if changed.is_some() {
        administration::write(&transaction, act)?;
    }
    transaction.commit()?;
    Ok(changed.flatten())
}

fn record(row: &Row<'_>) -> Result<Option<ServiceRecord>> {
    let Some(service) = service(row)? else {
        return Ok(None);
    };
    Ok(Some(ServiceRecord {
        service,
        created_at: time(row.get("created_at")?)?,
        rotated_at: time(row.get("rotated_at")?)?,
        previous_until: row.get::<_, Option<i64>>("previous_until")?.map(time).transpose()?,
        last_used_at: row.get::<_, Option<i64>>("last_used_at")?.map(time).transpose()?,
    }))
}

/// Names and scopes are parsed before they are stored: there are no other rows, and a scope of a later version is none here.
fn service(row: &Row<'_>) -> Result<Option<Service>> {
    let (scopes, providers) = (row.get_ref("scopes")?.as_str()?, row.get_ref("providers")?.as_str()?);
    let Ok(name) = row.get_ref("name")?.as_str()?.parse() else {
        return Ok(None);
    };
    Ok(Some(Service {
        name,
        scopes: scopes.split(',').filter_map(|scope| scope.parse().ok()).collect(),
        providers: providers.split(',').filter_map(|name| ProviderName::parse(name).ok()).collect(),
    }))
}
