//! Creates and upgrades the tables, and checks their version.

use super::super::dialect::{Connection, HAS_SCHEMA, LOCK, SCHEMAS, Target, UPGRADE_EVENTS, UPGRADE_FROM_2};
use super::line::{connect, in_transaction, within};
use crate::sender::queue::QueueError;
use crate::sender::store::database::Opening;
use crate::sender::store::sql::limits::PATIENCE;
use sqlx::{query, query_scalar, raw_sql};

/// The version of the tables that this library works with.
const SCHEMA_VERSION: i64 = 3;

/// Creates or upgrades the tables, as far as `opening` allows it.
pub(in super::super) async fn set_up(target: &Target, opening: Opening) -> Result<(), QueueError> {
    let mut connection = connect(target).await?;
    let found = within(PATIENCE, version(&mut connection)).await?;
    match (found, opening) {
        (Some(found), Opening::Create | Opening::Existing) => return check_version(found),
        (None, Opening::Existing) => return Err(QueueError::database("there is no queue in it")),
        (None, Opening::Create) | (_, Opening::Migrate) => {}
    }
    in_transaction(&mut connection, async |connection| {
        raw_sql(LOCK).execute(&mut *connection).await?;
        // Another process may have been first.
        match version(connection).await? {
            None => run_scripts(connection, &SCHEMAS).await,
            Some(1) if opening == Opening::Migrate => {
                run_scripts(connection, &[include_str!("../upgrade_from_1.sql")]).await?;
                run_scripts(connection, &SCHEMAS).await?;
                run_scripts(connection, &[UPGRADE_EVENTS, include_str!("../upgrade_from_1_copy.sql")]).await?;
                note_disabled(connection).await
            }
            Some(2) if opening == Opening::Migrate => {
                run_scripts(connection, &UPGRADE_FROM_2).await?;
                note_disabled(connection).await
            }
            Some(found) => check_version(found),
        }
    })
    .await
}

/// Operators know of the endpoints that were disabled before there were alarms.
async fn note_disabled(connection: &mut Connection) -> Result<(), QueueError> {
    #[rustfmt::skip]
    const NOTE: &str = concat!(
        "INSERT INTO dealix_alarms (kind, subject, since) SELECT 'disabled', id, ", now_ms!(), " / 1000 \
         FROM dealix_subscriptions WHERE enabled = 0"
    );
    Ok(query(NOTE).execute(connection).await.map(drop)?)
}

async fn run_scripts(connection: &mut Connection, scripts: &[&'static str]) -> Result<(), QueueError> {
    for script in scripts {
        raw_sql(*script).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn version(connection: &mut Connection) -> Result<Option<i64>, QueueError> {
    if query_scalar::<_, i64>(HAS_SCHEMA).fetch_one(&mut *connection).await? == 0 {
        return Ok(None);
    }
    Ok(query_scalar("SELECT max(version) FROM dealix_schema").fetch_one(connection).await?)
}

pub(super) fn check_version(found: i64) -> Result<(), QueueError> {
    let needed = SCHEMA_VERSION;
    match found {
        _ if found < needed => Err(QueueError::OlderSchema { found, needed }),
        _ if found > needed => Err(QueueError::NewerSchema { found, needed }),
        _ => Ok(()),
    }
}
