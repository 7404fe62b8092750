//! Backends, by the digests of their secrets.

use std::time::Duration;

use async_trait::async_trait;
use deadpool_postgres::{Object, Transaction};
use tokio_postgres::Row;
use tokio_postgres::error::Error as PgError;
use tokio_postgres::types::ToSql;

use super::super::{Act, ServiceRecord, Services, StoreError};
use super::ledger::column;
use super::{PostgresStore, administration, queries};
use crate::kernel::provider_name::ProviderName;
use crate::kernel::service::{SecretDigest, Service, ServiceName};

#[async_trait]
impl Services for PostgresStore {
    async fn services(&self) -> Result<Vec<ServiceRecord>, StoreError> {
        let list = async |db: &Object| {
            let statement = db.prepare_cached(queries::SERVICES).await?;
            let rows = db.query(&statement, &[]).await?;
            rows.iter().filter_map(|row| record(row).transpose()).collect()
        };
        self.calm.run("reading the services", list).await
    }

    async fn add_service(
        &self,
        service: &Service,
        secret: &SecretDigest,
        act: &Act,
    ) -> Result<Option<ServiceRecord>, StoreError> {
        let now = self.now();
        let scopes = column(&service.scopes, |scope| scope.as_str());
        let providers = column(&service.providers, ProviderName::as_str);
        let (name, digest) = (service.name.as_str(), secret.as_bytes());
        let add = async |db: &Transaction<'_>| {
            change(db, queries::ADD_SERVICE, &[&name, &digest, &scopes, &providers, &now], act).await
        };
        self.calm.transact("adding a service", add).await
    }

    async fn rotate_service(
        &self,
        name: &ServiceName,
        secret: &SecretDigest,
        grace: Duration,
        act: &Act,
    ) -> Result<Option<ServiceRecord>, StoreError> {
        let now = self.now();
        let (name, digest) = (name.as_str(), secret.as_bytes());
        let seconds = i64::try_from(grace.as_secs()).unwrap_or(i64::MAX);
        let rotate = async |db: &Transaction<'_>| {
            change(db, queries::ROTATE_SERVICE, &[&name, &digest, &seconds, &now], act).await
        };
        self.calm.transact("rotating a service's secret", rotate).await
    }

    async fn revoke_service(&self, name: &ServiceName, act: &Act) -> Result<bool, StoreError> {
        let revoke = async |db: &Transaction<'_>| {
            let statement = db.prepare_cached(queries::REVOKE_SERVICE).await?;
            let was_there = db.execute(&statement, &[&name.as_str()]).await? > 0;
            if was_there {
                administration::write(db, act).await?;
            }
            Ok(was_there)
        };
        self.calm.transact("revoking a service", revoke).await
    }

    async fn service_by(&self, secret: &SecretDigest) -> Result<Option<Service>, StoreError> {
        let now = self.now();
        let find = async |db: &Object| {
            let statement = db.prepare_cached(queries::FIND_SERVICE).await?;
            let Some(row) = db.query_opt(&statement, &[&secret.as_bytes(), &now]).await? else {
                return Ok(None);
            };
            if row.try_get("is_due")? {
                let statement = db.prepare_cached(queries::NOTE_SERVICE_USE).await?;
                db.execute(&statement, &[&row.try_get::<_, &str>("name")?, &now]).await?;
            }
            service(&row)
        };
        // Mints wait for it, and never for a report.
        self.hot.run("looking a service up", find).await
    }
}

/// A statement that answers with the backend that it changed, if it changed one, and the act.
async fn change(
    db: &Transaction<'_>,
    query: &str,
    parameters: &[&(dyn ToSql + Sync)],
    act: &Act,
) -> Result<Option<ServiceRecord>, PgError> {
    let statement = db.prepare_cached(query).await?;
    let Some(row) = db.query_opt(&statement, parameters).await? else {
        return Ok(None);
    };
    administration::write(db, act).await?;
    record(&row)
}

fn record(row: &Row) -> Result<Option<ServiceRecord>, PgError> {
    let Some(service) = service(row)? else {
        return Ok(None);
    };
    Ok(Some(ServiceRecord {
        service,
        created_at: row.try_get("created_at")?,
        rotated_at: row.try_get("rotated_at")?,
        previous_until: row.try_get("previous_until")?,
        last_used_at: row.try_get("last_used_at")?,
    }))
}

/// Names and scopes are parsed before they are stored: there are no other rows, and a scope of a later version is none here.
fn service(row: &Row) -> Result<Option<Service>, PgError> {
    let (scopes, providers): (Vec<&str>, Vec<&str>) = (row.try_get("scopes")?, row.try_get("providers")?);
    let Ok(name) = row.try_get::<_, &str>("name")?.parse() else {
        return Ok(None);
    };
    Ok(Some(Service {
        name,
        scopes: scopes.into_iter().filter_map(|scope| scope.parse().ok()).collect(),
        providers: providers.into_iter().filter_map(|name| ProviderName::parse(name).ok()).collect(),
    }))
}
