package cognito

import (
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestEveryOperationSaysWhetherAReplicaServesIt(t *testing.T) {
	for _, op := range wire.Operations() {
		served, ok := inReplica[op.Name]
		if !ok {
			t.Errorf("nothing says whether a replica serves %s", op.Name)
		}
		refused := served == never || served == whenActive
		if refused && !op.Declares("OperationNotEnabledException") && !op.Declares("InvalidParameterException") {
			t.Errorf("%s has no exception for a refusal", op.Name)
		}
	}
	if got, want := len(inReplica), len(wire.Operations()); got != want {
		t.Errorf("%d operations have a decision, %d exist", got, want)
	}
}

func TestPoolsAsRegionsSeeThem(t *testing.T) {
	p := &userpool.Pool{ID: "us-east-1_Example00", Settings: &wire.UserPoolType{}}
	replicated := func(active bool) *userpool.Pool {
		view := *p
		view.Replica = &userpool.Replica{Region: "us-west-2", Active: active}
		return &view
	}
	tests := []struct {
		name      string
		pool      *userpool.Pool
		signed    string // region of the signature
		server    string // region of the server
		operation string
		secondary bool
		err       string
	}{
		{name: "at home", pool: p, signed: "us-east-1", operation: "DeleteUserPool"},
		{name: "elsewhere", pool: p, signed: "us-west-2", operation: "DescribeUserPool", err: userpool.ErrNotFound.Error()},
		{name: "at home with a replica", pool: replicated(true), signed: "us-east-1", operation: "DeleteUserPool"},
		{name: "described in the replica", pool: replicated(false), signed: "us-west-2", operation: "DescribeUserPool", secondary: true},
		{name: "read in an active replica", pool: replicated(true), signed: "us-west-2", operation: "AdminGetUser", secondary: true},
		{name: "read in an inactive replica", pool: replicated(false), signed: "us-west-2", operation: "AdminGetUser",
			err: "OperationNotEnabled: AdminGetUser is not available in us-west-2 while the replica of the user pool there is INACTIVE."},
		{name: "changed in a replica", pool: replicated(true), signed: "us-west-2", operation: "AdminCreateUser",
			err: "OperationNotEnabled: AdminCreateUser is not available in us-west-2, where the user pool has a replica. Use the Region us-east-1."},
		{name: "an operation that nobody decided on", pool: replicated(true), signed: "us-west-2", operation: "",
			err: "OperationNotEnabled:  is not available in us-west-2, where the user pool has a replica. Use the Region us-east-1."},
		{name: "in a third region", pool: replicated(true), signed: "eu-west-1", operation: "DescribeUserPool", err: userpool.ErrNotFound.Error()},
		{name: "unsigned without a replica", pool: p, operation: "SignUp"},
		{name: "unsigned in dev mode", pool: replicated(true), operation: "SignUp"},
		{name: "unsigned at home", pool: replicated(true), server: "us-east-1", operation: "SignUp"},
		{name: "unsigned at a server of another region", pool: replicated(true), server: "eu-west-1", operation: "SignUp"},
		{name: "unsigned in a replica", pool: replicated(true), server: "us-west-2", operation: "InitiateAuth", secondary: true},
		{name: "unsigned change in a replica", pool: replicated(true), server: "us-west-2", operation: "SignUp",
			err: "OperationNotEnabled: SignUp is not available in us-west-2, where the user pool has a replica. Use the Region us-east-1."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx := withNote(userpool.WithCaller(t.Context(), userpool.Caller{Region: tt.signed}), &note{operation: tt.operation})
			got, err := (&API{Region: tt.server}).seen(ctx, tt.pool)
			switch {
			case err != nil && err.Error() != tt.err, err == nil && tt.err != "":
				t.Errorf("got %v, want %s", err, tt.err)
			case err == nil && got.Secondary != tt.secondary:
				t.Errorf("seen from the replica: %v", got.Secondary)
			}
		})
	}
}
