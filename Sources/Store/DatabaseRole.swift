/// What a session may do: a role of the server, to which every migration gives exactly what it needs.
public enum DatabaseRole: String, Sendable, CaseIterable {
  /// The process: adds rows, and changes a heartbeat and the answer to a command.
  case writer = "harvester_writer"
  /// An operator's command: reads reports and asks the process for something.
  case `operator` = "harvester_operator"
  /// A report: reads schema `report`.
  case reader = "harvester_reader"
}

extension PostgresConnection {
  /// Takes a role, with its session defaults, where this database knows it and the login is a
  /// member; else the session stays what it is.
  ///
  /// - Returns: whether the role was taken.
  @discardableResult
  public func assume(_ role: DatabaseRole) throws(PostgresError) -> Bool {
    guard try isAvailable(role) else { return false }
    try execute("SET ROLE \(role.rawValue)")
    // The server applies them at a login only.
    try execute(
      """
      SELECT set_config(split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1), false)
      FROM pg_roles, unnest(rolconfig) AS setting WHERE rolname = $1
      """, [.text(role.rawValue)])
    return true
  }

  /// Whether the migrations of this database gave a role its rights and the login may take it.
  public func isAvailable(_ role: DatabaseRole) throws(PostgresError) -> Bool {
    let rows = try execute(
      """
      SELECT coalesce(pg_has_role(role, 'MEMBER')
        AND has_schema_privilege(role, to_regnamespace('report')::oid, 'USAGE'), false)
      FROM (SELECT to_regrole($1)::oid AS role) AS known
      """, [.text(role.rawValue)])
    return rows[0][0] == "t"
  }

  /// Whose rights the session has now.
  public func currentRole() throws(PostgresError) -> String {
    try execute("SELECT current_user")[0][0] ?? ""
  }

  /// Lets every transaction from now on only read.
  public func readOnly() throws(PostgresError) {
    try execute("SET default_transaction_read_only = on")
  }
}
