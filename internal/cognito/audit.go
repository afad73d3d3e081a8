package cognito

import (
	"cmp"
	"reflect"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// administers says whether what the operation changes is an administrator's doing. Who signs a user in does what the
// user does.
func administers(op *wire.Operation) bool { return op.Caller == wire.Signed && !signsIn(op.Name) }

// naming are the members that say what a request is about, beside pool, client and user. An administrator chose or was
// given their values; none is secret.
var naming = []string{
	"ClientName", "ClientSecretId", "DeviceKey", "Domain", "EventId", "GroupName", "Identifier", "JobId", "JobName",
	"ManagedLoginBrandingId", "PoolName", "ProviderName", "RegionName", "ResourceArn", "TermsId", "TermsName",
}

// auditEntry is the request's entry in the audit log: which members were given, and of their values those that name
// something.
func (x *exchange) auditEntry(caller userpool.Caller, in any) userpool.AuditEntry {
	set, shown := wire.Members(in)
	e := userpool.AuditEntry{
		Time: x.started, Request: x.id, Who: caller.AccessKeyID, Operation: x.op.Name,
		Pool: cmp.Or(x.note.pool, shown["UserPoolId"]), Client: cmp.Or(x.note.client, clientID(in)), Sub: x.note.sub,
		Members: set, Address: caller.Address, UserAgent: caller.UserAgent,
	}
	for _, name := range naming {
		if value := shown[name]; value != "" {
			if e.Resource == nil {
				e.Resource = map[string]string{}
			}
			e.Resource[name] = value
		}
	}
	return e
}

// clientID is the member of that name, which is no secret here as it is none in the log.
func clientID(in any) string {
	if id := reflect.ValueOf(in).Elem().FieldByName("ClientID"); id.IsValid() {
		return id.String()
	}
	return ""
}
