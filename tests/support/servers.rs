//! Real databases for tests: Debian's PostgreSQL on a free port in a temporary folder, or a SQLite file.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A database server. It is stopped, and its files are deleted, when it is dropped.
pub struct Database {
    kind: Kind,
    folder: TempDir,
    port: u16,
    server: Option<Child>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

static SHARED: Mutex<[Weak<Database>; 2]> = Mutex::new([const { Weak::new() }; 2]);

/// One server for all tests that run at the same time, because starting it takes a second.
pub fn shared(kind: Kind) -> Arc<Database> {
    let mut servers = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    let server = &mut servers[kind as usize];
    server.upgrade().unwrap_or_else(|| {
        let started = Arc::new(Database::start(kind));
        *server = Arc::downgrade(&started);
        started
    })
}

impl Database {
    pub fn start(kind: Kind) -> Self {
        Self::start_in(tempfile::tempdir().expect("a temporary folder"), kind)
    }

    pub fn start_in(folder: TempDir, kind: Kind) -> Self {
        let mut database = Self { kind, folder, port: free_port(), server: None };
        if kind == Kind::Postgres {
            database.init_postgres();
        }
        database.resume();
        database
    }

    pub fn url(&self) -> String {
        match self.kind {
            Kind::Sqlite => format!("sqlite://{}", self.folder.path().join("queue.db").display()),
            Kind::Postgres => format!("postgres://postgres@127.0.0.1:{}/postgres", self.port),
        }
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Creates an empty database on this server and returns its URL.
    pub fn create(&self) -> String {
        static DATABASES: AtomicUsize = AtomicUsize::new(1);
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        match self.kind {
            Kind::Sqlite => format!("sqlite://{}", self.folder.path().join(format!("{number}.db")).display()),
            Kind::Postgres => {
                let mut command = Command::new(postgres_bin("createdb"));
                command.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &self.port.to_string()]);
                run(command.arg(format!("test{number}")));
                format!("postgres://postgres@127.0.0.1:{}/test{number}", self.port)
            }
        }
    }

    /// Copies one of this server's databases with `pg_dump`.
    pub fn dump_and_restore(&self, url: &str) -> String {
        let dump = self.folder.path().join("dump.sql");
        run(Command::new(postgres_bin("pg_dump")).arg(format!("--dbname={url}")).arg("--file").arg(&dump));
        let restored = self.create();
        let mut command = Command::new(postgres_bin("psql"));
        command.args(["-v", "ON_ERROR_STOP=1", "--quiet", "--no-psqlrc", "--file"]).arg(dump);
        run(command.arg(format!("--dbname={restored}")));
        restored
    }

    /// Kills the server as a crash of the machine would. Its files stay.
    pub fn kill(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        // The postmaster's children hold its shared memory, so it must end them itself: at once, without a checkpoint.
        let pid = server.id().to_string();
        assert!(Command::new("kill").args(["-QUIT", &pid]).status().expect("kill").success());
        server.wait().expect("the server has ended");
    }

    /// Starts the server on the same files and port, also after [`Database::kill`].
    pub fn resume(&mut self) {
        let mut command = match self.kind {
            Kind::Sqlite => return,
            Kind::Postgres => self.postgres(),
        };
        let log = fs::File::create(self.folder.path().join("server.log")).expect("a log file");
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("the log file again")).stderr(log);
        let server =
            command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}; `cargo xtask setup` installs it"));
        self.server = Some(server);
        let started = Instant::now();
        while !self.is_ready() {
            let ended = self.server.as_mut().and_then(|server| server.try_wait().expect("the server's state"));
            if ended.is_some() || started.elapsed() > START_TIMEOUT {
                panic!("{:?} does not start:\n{}", self.kind, self.log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts the server again if it has ended by itself.
    pub fn resume_if_ended(&mut self) {
        if self.server.as_mut().is_some_and(|server| server.try_wait().expect("the server's state").is_some()) {
            self.resume();
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }

    fn is_ready(&self) -> bool {
        let mut command = Command::new(postgres_bin("pg_isready"));
        command.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        command.status().is_ok_and(|status| status.success())
    }

    fn init_postgres(&self) {
        if is_root() {
            // PostgreSQL refuses to run as root.
            run(Command::new("chown").arg("postgres:").arg(self.folder.path()));
        }
        let mut command = as_postgres("initdb");
        run(command.args(["--auth=trust", "--username=postgres", "--no-sync", "--pgdata"]).arg(self.data()));
    }

    fn postgres(&self) -> Command {
        let mut command = as_postgres("postgres");
        command.arg("-D").arg(self.data()).args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-k"]);
        command.arg(self.folder.path());
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.kill();
    }
}

fn as_postgres(program: &str) -> Command {
    let program = postgres_bin(program);
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

/// Debian keeps PostgreSQL's server programs off the PATH, in one folder per version.
fn postgres_bin(program: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.max_by_key(|version| version.file_name().to_string_lossy().parse::<u32>().unwrap_or(0));
    newest.map_or_else(|| Path::new(program).to_path_buf(), |version| version.path().join("bin").join(program))
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("id");
    output.stdout.trim_ascii() == b"0"
}

fn run(command: &mut Command) {
    let output =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; `cargo xtask setup` installs it"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).expect("a free port").port()
}
