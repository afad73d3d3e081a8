package wire

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// alwaysSecret are members that no log may show, whatever shape holds them and
// whether or not the model marks them.
var alwaysSecret = map[string]bool{
	"AccessToken": true, "AuthParameters": true, "ChallengeParameters": true, "ChallengeResponses": true,
	"City": true, "ClientMetadata": true, "ClientSecret": true, "Code": true, "ConfirmationCode": true,
	"Country": true, "Credential": true, "CredentialCreationOptions": true, "CredentialId": true,
	"Destination": true, "DeviceName": true, "EncodedData": true, "Filter": true,
	"FriendlyCredentialName": true, "FriendlyDeviceName": true, "From": true, "IdToken": true,
	"IpAddress": true, "NewPassword": true, "NextToken": true, "OriginSessionId": true,
	"PaginationToken": true, "Password": true, "PasswordVerifier": true, "PreSignedUrl": true,
	"PreviousPassword": true, "ProposedPassword": true, "Provider": true, "ProviderAttributeValue": true,
	"ProviderDetails": true, "RefreshToken": true, "ReplyTo": true, "ReplyToEmailAddress": true,
	"Salt": true, "SecretCode": true, "SecretHash": true, "Session": true, "SessionId": true,
	"TemporaryPassword": true, "Token": true, "UserCode": true, "Username": true, "Value": true,
	"headerValue": true,
}

// modelSecrets reads from the model which members it marks, as "shape.member"
// in lower case: Go names differ from the model's by case alone.
func modelSecrets(t *testing.T) map[string]bool {
	t.Helper()
	data, err := os.ReadFile("model/cognito-idp.json")
	if err != nil {
		t.Fatal(err)
	}
	var model struct {
		Shapes map[string]struct {
			Members map[string]struct {
				Sensitive bool `json:"sensitive"`
			} `json:"members"`
		} `json:"shapes"`
	}
	if err := json.Unmarshal(data, &model); err != nil {
		t.Fatal(err)
	}
	secrets := map[string]bool{}
	for shape, s := range model.Shapes {
		for member, m := range s.Members {
			if m.Sensitive {
				secrets[strings.ToLower(shape+"."+member)] = true
			}
		}
	}
	if len(secrets) != 152 {
		t.Errorf("the model marks %d members, want 152", len(secrets))
	}
	return secrets
}

// leaves returns the paths at which plant puts texts, and whether each is to be
// kept secret.
func leaves(t reflect.Type, marked map[string]bool) map[string]bool {
	found := map[string]bool{}
	var walk func(t reflect.Type, path string, secret bool)
	walk = func(t reflect.Type, path string, secret bool) {
		switch t {
		case reflect.TypeFor[Timestamp]():
			return
		case reflect.TypeFor[jsontext.Value](), reflect.TypeFor[[]byte]():
			found[path] = true // only their size is shown
			return
		}
		switch t.Kind() {
		case reflect.String:
			found[path] = secret && t == reflect.TypeFor[string]() // an enumeration's values are known
		case reflect.Pointer, reflect.Slice:
			walk(t.Elem(), path, secret)
		case reflect.Map:
			walk(t.Key(), path+".key", secret)
			walk(t.Elem(), path, secret)
		case reflect.Struct:
			for i := range t.NumField() {
				field := t.Field(i)
				member := jsonName(field)
				walk(field.Type, path+"."+field.Name,
					secret || alwaysSecret[member] || marked[strings.ToLower(t.Name()+"."+member)])
			}
		}
	}
	walk(t, t.Name(), false)
	return found
}

// TestLogsHoldNoSecrets plants a text of its own in every leaf of every
// structure, logs it, and looks for it.
func TestLogsHoldNoSecrets(t *testing.T) {
	marked := modelSecrets(t)
	secrets, shown := 0, 0
	for name, typ := range structures() {
		planted := map[string]string{}
		in := reflect.New(typ)
		plant(in.Elem(), name, func(path string) string {
			if planted[path] == "" {
				planted[path] = fmt.Sprintf("planted-%04d-", len(planted))
			}
			return planted[path]
		})
		for _, value := range []any{in.Interface(), in.Elem().Interface()} {
			var text, structured bytes.Buffer
			options := &slog.HandlerOptions{Level: slog.LevelDebug}
			slog.New(slog.NewTextHandler(&text, options)).Debug("call", "in", value)
			slog.New(slog.NewJSONHandler(&structured, options)).Debug("call", "in", value)
			outputs := map[string]string{
				"text log": text.String(), "JSON log": structured.String(),
				"%v": fmt.Sprintf("%v", value), "%+v": fmt.Sprintf("%+v", value), "%s": fmt.Sprintf("%s", value),
			}
			for path, secret := range leaves(typ, marked) {
				for where, output := range outputs {
					if strings.Contains(output, planted[path]) == secret {
						t.Errorf("%s in %s: secret %t", path, where, secret)
					}
				}
				if secret {
					secrets++
				} else {
					shown++
				}
			}
		}
	}
	if secrets == 0 || shown == 0 {
		t.Errorf("%d secret and %d shown leaves", secrets, shown)
	}
}

func TestLogValue(t *testing.T) {
	yes := true
	many := make([]string, 40)
	for i := range many {
		many[i] = "u"
	}
	tests := []struct {
		name string
		in   slog.LogValuer
		want string
	}{
		{"empty", GetUserRequest{}, "[]"},
		{"masked", GetUserRequest{AccessToken: "t"}, "[AccessToken=***]"},
		{"required scalars are always shown", SignUpResponse{UserSub: "s"}, "[UserConfirmed=false UserSub=s]"},
		{"nested", AdminCreateUserResponse{User: &UserType{
			Attributes: []AttributeType{{Name: "email", Value: "e"}, {Name: "sub"}}, Enabled: &yes,
			UserCreateDate: NewTimestamp(time.Unix(0, 0)), UserStatus: UserStatusTypeConfirmed, Username: "u",
		}}, "[User=[Attributes=[0=[Name=email Value=***] 1=[Name=sub]] Enabled=true UserCreateDate=1970-01-01 00:00:00 +0000 UTC UserStatus=CONFIRMED Username=***]]"},
		{"map", TagResourceRequest{ResourceARN: "a", Tags: map[string]string{"b": "2", "a": "1"}}, "[ResourceARN=a Tags=[a=1 b=2]]"},
		{"blob", SetUICustomizationRequest{UserPoolID: "p", ImageFile: make([]byte, 9)}, "[ImageFile=(9 bytes) UserPoolID=p]"},
		{"long text", DescribeUserPoolRequest{UserPoolID: strings.Repeat("p", 300)}, "[UserPoolID=" + strings.Repeat("p", 256) + "...]"},
		{"long list", UntagResourceRequest{TagKeys: many}, "more=8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.in.LogValue().String()
			if got != tt.want && !(tt.name == "long list" && strings.Contains(got, tt.want)) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	var none *GetUserRequest
	if got := fmt.Sprint(none); got != "<nil>" {
		t.Errorf("a nil request prints %s", got)
	}
}
