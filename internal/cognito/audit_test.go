package cognito

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// Whatever an operation is given, its entry shows values of naming members only.
func TestAuditEntryShowsNames(t *testing.T) {
	for _, op := range wire.Operations() {
		in := op.NewInput()
		members := reflect.ValueOf(in).Elem()
		for i := range members.NumField() {
			fill(members.Field(i), "planted")
		}
		x := &exchange{id: "request", op: op, note: &note{}, started: time.Unix(1, 0)}
		e := x.auditEntry(userpool.Caller{AccessKeyID: "key"}, in)
		for name := range e.Resource {
			if !slices.Contains(naming, name) {
				t.Errorf("%s shows %s", op.Name, name)
			}
		}
		if len(e.Members) != members.NumField() || !slices.IsSorted(e.Members) {
			t.Errorf("%s has the members %v", op.Name, e.Members)
		}
		e.Resource, e.Pool, e.Client = nil, "", ""
		if text := fmt.Sprintf("%+v", e); strings.Contains(text, "planted") {
			t.Errorf("%s shows %s", op.Name, text)
		}
	}
}

// fill sets a member to something that is not zero.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), text)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), text)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, text)
		fill(value, text)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	}
}

// Every naming member is one that a log may show.
func TestNamingMembersAreShown(t *testing.T) {
	found := map[string]bool{}
	for _, op := range wire.Operations() {
		in := op.NewInput()
		members := reflect.ValueOf(in).Elem()
		for i := range members.NumField() {
			fill(members.Field(i), "planted")
		}
		_, shown := wire.Members(in)
		for name := range shown {
			found[name] = true
		}
	}
	for _, name := range naming {
		if !found[name] {
			t.Errorf("no request shows a member %s", name)
		}
	}
}

// Sign-ins are the users' own, and reading changes nothing; the rest of the signed operations administer.
func TestAdministers(t *testing.T) {
	for name, want := range map[string]bool{
		"AdminInitiateAuth": false, "AdminRespondToAuthChallenge": false, "InitiateAuth": false, "SignUp": false,
		"GetUser": false, "AdminCreateUser": true, "CreateUserPool": true, "AdminUserGlobalSignOut": true,
	} {
		op, _ := wire.Lookup(name)
		if got := administers(op); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
