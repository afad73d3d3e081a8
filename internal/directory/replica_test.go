package directory

import (
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	elsewhere = "us-west-2"
	sharedKey = "arn:aws:kms:us-east-1:123456789012:key/mrk-4e2c9f4a"
)

func withSharedKey(in *wire.CreateUserPoolRequest) {
	in.KeyConfiguration = &wire.KeyConfigurationType{KeyType: "CUSTOMER_MANAGED_KEY", KMSKeyARN: sharedKey}
}

// replicate gives the pool under the fixed id a replica.
func (w *world) replicate() (*wire.UserPoolReplicaType, error) {
	w.t.Helper()
	return w.CreateReplica(w.t.Context(), w.stored(), &wire.CreateUserPoolReplicaRequest{RegionName: elsewhere})
}

func TestCreateReplica(t *testing.T) {
	type create = wire.CreateUserPoolRequest
	tests := []struct {
		name   string
		create func(*create)
		region string
		tags   map[string]string
		code   userpool.ErrorCode
	}{
		{name: "elsewhere"},
		{name: "the pool's own region", region: region, code: userpool.InvalidParameter},
		{name: "no region", region: "nowhere", code: userpool.InvalidParameter},
		{name: "another partition", region: "cn-north-1", code: userpool.InvalidParameter},
		{name: "no key", create: func(in *create) { in.KeyConfiguration = nil }, code: userpool.InvalidParameter},
		{name: "a key of one region", create: func(in *create) { in.KeyConfiguration.KMSKeyARN = key }, code: userpool.InvalidParameter},
		{name: "Lite", create: func(in *create) { in.UserPoolTier = "LITE" }, code: userpool.FeatureUnavailableInTier},
		{name: "a tag", tags: map[string]string{"aws:x": "y"}, code: userpool.UserPoolTagging},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := w.row(t)
			w.pool(func(in *create) {
				withSharedKey(in)
				if tt.create != nil {
					tt.create(in)
				}
			})
			_, err := w.CreateReplica(t.Context(), w.stored(), &wire.CreateUserPoolReplicaRequest{
				RegionName: firstOf(tt.region, elsewhere), UserPoolTags: tt.tags,
			})
			wantError(t, err, tt.code, "")
		})
	}
}

func TestLifeOfAReplica(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(withSharedKey)
	const arn = `"UserPoolArn":"arn:aws:cognito-idp:us-west-2:123456789012:userpool/` + poolID + `"`
	const primary = `{"RegionName":"us-east-1","Role":"PRIMARY","Status":"ACTIVE","UserPoolArn":"arn:aws:cognito-idp:us-east-1:123456789012:userpool/` + poolID + `"}`
	shows := func(status string) {
		t.Helper()
		list, err := w.ListReplicas(w.stored(), "")
		if err != nil {
			t.Fatal(err)
		}
		want := `[` + primary + `]`
		if status != "" {
			want = `[` + primary + `,{"RegionName":"us-west-2","Role":"SECONDARY","Status":"` + status + `",` + arn + `}]`
		}
		wantJSON(t, list, []byte(want))
	}
	answers := func(r *wire.UserPoolReplicaType, err error, status string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		wantJSON(t, r, []byte(`{"RegionName":"us-west-2","Role":"SECONDARY","Status":"`+status+`",`+arn+`}`))
	}
	shows("")
	_, err := w.SetReplicaActive(t.Context(), pool, elsewhere, true)
	wantError(t, err, userpool.ResourceNotFound, "")
	r, err := w.replicate()
	answers(r, err, "CREATING")
	shows("INACTIVE")
	_, err = w.replicate()
	wantError(t, err, userpool.LimitExceeded, "User pool replica limit exceeded.")

	r, err = w.SetReplicaActive(t.Context(), pool, elsewhere, true)
	answers(r, err, "ACTIVE")
	shows("ACTIVE")
	_, err = w.SetReplicaActive(t.Context(), pool, region, false)
	wantError(t, err, userpool.InvalidParameter, "")

	for _, in := range []string{region, elsewhere} {
		list, _, err := w.ListPools(t.Context(), in, 10, "")
		if err != nil || len(list) != 1 || list[0].ID != poolID || len(list[0].ReplicaRegions) != 1 || list[0].ReplicaRegions[0] != elsewhere {
			t.Errorf("%s lists %+v (%v)", in, list, err)
		}
	}

	wantError(t, w.DeletePool(t.Context(), pool), userpool.InvalidParameter, "")
	wantError(t, w.update(func(in *wire.UpdateUserPoolRequest) { in.UserPoolTier = "LITE" }), userpool.TierChangeNotAllowed, "")
	wantError(t, w.update(func(in *wire.UpdateUserPoolRequest) {
		in.KeyConfiguration = &wire.KeyConfigurationType{KeyType: "AWS_OWNED_KEY"}
	}), userpool.InvalidParameter, "")
	wantError(t, w.update(nil), "", "")
	shows("ACTIVE")

	_, err = w.DeleteReplica(t.Context(), pool, elsewhere)
	wantError(t, err, userpool.InvalidParameter, "")
	if _, err = w.SetReplicaActive(t.Context(), pool, elsewhere, false); err != nil {
		t.Fatal(err)
	}
	r, err = w.DeleteReplica(t.Context(), pool, elsewhere)
	answers(r, err, "DELETING")
	shows("")
	wantError(t, w.DeletePool(t.Context(), pool), "", "")
}

// What can differ in a replica's region is changed there, and nothing else.
func TestUpdateInAReplica(t *testing.T) {
	type update = wire.UpdateUserPoolRequest
	w := newWorld(t)
	w.pool(func(in *wire.CreateUserPoolRequest) {
		withSharedKey(in)
		in.SMSConfiguration, in.MFAConfiguration = sns, "OPTIONAL"
		in.AdminCreateUserConfig = &wire.AdminCreateUserConfigType{UnusedAccountValidityDays: new(int32(9))}
		in.UserPoolTags = map[string]string{"where": "here"}
		in.LambdaConfig = &wire.LambdaConfigType{PreSignUp: function}
	})
	if _, err := w.replicate(); err != nil {
		t.Fatal(err)
	}
	there := func(change func(*update)) error {
		t.Helper()
		in := &update{UserPoolID: poolID, SMSConfiguration: sns, AdminCreateUserConfig: w.describe().AdminCreateUserConfig}
		if change != nil {
			change(in)
		}
		return w.UpdatePool(t.Context(), w.stored().InReplica(), in)
	}
	wantError(t, there(func(in *update) {
		in.LambdaConfig = &wire.LambdaConfigType{PreSignUp: other}
		in.UserPoolTags = map[string]string{"where": "there"}
		in.EmailConfiguration = developer
	}), "", "")
	wantError(t, there(func(in *update) { in.DeletionProtection = "ACTIVE" }), userpool.InvalidParameter, "")
	wantError(t, there(func(in *update) { in.PoolName = "another" }), userpool.InvalidParameter, "")
	wantError(t, there(func(in *update) { in.SMSConfiguration = nil }), userpool.InvalidParameter, mfaNeedsSMS)
	eum := func(region string) func(*update) {
		return func(in *update) {
			in.LambdaConfig, in.EmailConfiguration, in.UserPoolTags = &wire.LambdaConfigType{PreSignUp: other}, developer, map[string]string{"where": "there"}
			in.SMSConfiguration = &wire.SMSConfigurationType{EUMSSMS: &wire.EUMSSMSConfigurationType{CallerARN: role, Region: region}}
		}
	}
	wantError(t, there(eum("us-east-1")), userpool.InvalidParameter, "")
	wantError(t, there(eum("us-west-2")), "", "")
	wantError(t, w.TagPool(t.Context(), w.stored().InReplica(), map[string]string{"more": "tags"}), "", "")

	here, view := w.describe(), w.describePool(w.stored().InReplica(), 0)
	wantJSON(t, []any{here.ARN, here.LambdaConfig.PreSignUp, here.UserPoolTags, here.EmailConfiguration.EmailSendingAccount},
		[]byte(`["arn:aws:cognito-idp:us-east-1:123456789012:userpool/`+poolID+`","`+function+`",{"where":"here"},"COGNITO_DEFAULT"]`))
	wantJSON(t, []any{view.ARN, view.LambdaConfig.PreSignUp, view.UserPoolTags, view.EmailConfiguration.EmailSendingAccount},
		[]byte(`["arn:aws:cognito-idp:us-west-2:123456789012:userpool/`+poolID+`","`+other+`",{"where":"there","more":"tags"},"DEVELOPER"]`))
}

// A domain is described where its pool is.
func TestDomainInAReplica(t *testing.T) {
	w := newWorld(t)
	w.pool(withSharedKey)
	w.domain("books")
	if _, err := w.replicate(); err != nil {
		t.Fatal(err)
	}
	for _, active := range []bool{false, true} {
		if _, err := w.SetReplicaActive(t.Context(), w.stored(), "us-west-2", active); err != nil {
			t.Fatal(err)
		}
		shown, err := w.Domain(t.Context(), "us-west-2", "books")
		if err != nil || (shown.Domain == "books") != active {
			t.Errorf("active %t: %v, %v", active, shown, err)
		}
	}
}

// A factor that is set later can be asked for in the replica, too.
func TestFactorsReachTheReplica(t *testing.T) {
	w := newWorld(t)
	w.pool(withSharedKey)
	if _, err := w.replicate(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.SetMFA(t.Context(), w.stored(), &wire.SetUserPoolMFAConfigRequest{MFAConfiguration: "ON", SMSMFAConfiguration: smsMFA}); err != nil {
		t.Fatal(err)
	}
	if !w.stored().InReplica().SMSFactor() {
		t.Error("SMS is no factor in the replica")
	}
}
