package wire

import (
	"context"
	"slices"
	"testing"
)

// The types below get their methods in the ways that an API may be put together.
type (
	direct  struct{ Unimplemented }
	byValue struct{ Unimplemented }
	users   struct{ calls int }
	base    struct{ Unimplemented }
	// parted has GetUser from users, which lies less deep than Unimplemented.
	parted struct {
		base
		*users
	}
	wrapped struct{ API }
	layered struct{ *direct }
)

func (d *direct) GetUser(context.Context, *GetUserRequest) (*GetUserResponse, error) {
	return nil, nil
}

func (d *direct) DeleteUser(context.Context, *DeleteUserRequest) error { return nil }

func (byValue) SignUp(context.Context, *SignUpRequest) (*SignUpResponse, error) { return nil, nil }

func (u *users) GetUser(context.Context, *GetUserRequest) (*GetUserResponse, error) {
	u.calls++
	return nil, nil
}

// ListUsers is written here, whatever it answers.
func (w wrapped) ListUsers(ctx context.Context, in *ListUsersRequest) (*ListUsersResponse, error) {
	return w.API.ListUsers(ctx, in)
}

func TestImplemented(t *testing.T) {
	tests := []struct {
		name string
		api  API
		want []string
	}{
		{"nothing", Unimplemented{}, nil},
		{"nothing, by pointer", new(Unimplemented), nil},
		{"nothing of its own", base{}, nil},
		{"pointer receivers", new(direct), []string{"DeleteUser", "GetUser"}},
		{"value receivers", byValue{}, []string{"SignUp"}},
		{"value receivers, by pointer", new(byValue), []string{"SignUp"}},
		{"from a part", parted{users: new(users)}, []string{"GetUser"}},
		{"from a part, by pointer", new(parted), []string{"GetUser"}},
		{"two layers", layered{new(direct)}, []string{"DeleteUser", "GetUser"}},
		{"an interface", wrapped{API: new(direct)}, []string{"DeleteUser", "GetUser", "ListUsers"}},
		{"an empty interface", &wrapped{}, []string{"ListUsers"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Implemented(tt.api); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
