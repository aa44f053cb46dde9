use super::database::{Opening, Store};
use super::sql;
use crate::sender::queue::QueueError;
use std::sync::Arc;

/// Opens the queue in the database that the URL names.
pub(in crate::sender) async fn open(url: &str, opening: Opening) -> Result<Arc<dyn Store>, QueueError> {
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite") => Ok(Arc::new(sql::sqlite::open(url, opening).await?)),
        #[cfg(feature = "postgres")]
        Some("postgres" | "postgresql") => Ok(Arc::new(sql::postgres::open(url, opening).await?)),
        _ => Err(QueueError::Url(SCHEMES)),
    }
}

#[cfg(not(feature = "postgres"))]
const SCHEMES: &str = "sqlite: (this build lacks the feature postgres)";
#[cfg(feature = "postgres")]
const SCHEMES: &str = "sqlite: or postgres:";
