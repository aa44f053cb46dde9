use super::database::{Opening, Store};
use super::sql;
use crate::sender::queue::{QueueError, SecretsKeys};
use std::sync::Arc;

/// Opens the queue in the database that the URL names.
pub(in crate::sender) async fn open(
    url: &str,
    opening: Opening,
    keys: SecretsKeys,
) -> Result<Arc<dyn Store>, QueueError> {
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite") => Ok(Arc::new(sql::sqlite::open(url, opening, keys).await?)),
        #[cfg(feature = "postgres")]
        Some("postgres" | "postgresql") => Ok(Arc::new(sql::postgres::open(url, opening, keys).await?)),
        _ => Err(QueueError::Url(SCHEMES)),
    }
}

#[cfg(not(feature = "postgres"))]
const SCHEMES: &str = "sqlite: (this build lacks the feature postgres)";
#[cfg(feature = "postgres")]
const SCHEMES: &str = "sqlite: or postgres:";
