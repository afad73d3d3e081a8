package wire

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

func operationNamed(t testing.TB, name string) *Operation {
	t.Helper()
	op, ok := Lookup(name)
	if !ok {
		t.Fatalf("no operation %s", name)
	}
	return op
}

func TestDecode(t *testing.T) {
	yes, three := true, int32(3)
	signUp := SignUpRequest{ClientID: "c", Username: "u"}
	with := func(change func(in *SignUpRequest)) *SignUpRequest {
		in := signUp
		change(&in)
		return &in
	}
	tests := []struct {
		name      string
		operation string
		body      string
		want      any
	}{
		{"plain", "SignUp", `{"ClientId":"c","Username":"u"}`, &signUp},
		{"space around", "SignUp", " \r\n\t{ \"ClientId\" : \"c\" , \"Username\" : \"u\" } \n", &signUp},
		{"null is absent", "SignUp", `{"ClientId":"c","Username":"u","Password":null,"UserAttributes":null,"UserContextData":null}`, &signUp},
		{"unknown members", "SignUp", `{"ClientId":"c","Nope":{"a":[1,{"b":null}]},"Username":"u","clientid":1}`, &signUp},
		{"last duplicate wins", "SignUp", `{"ClientId":" ","ClientId":"c","Username":"v","Username":"u"}`, &signUp},
		{"null can be last", "SignUp", `{"ClientId":"c","Username":"u","Password":"p","Password":null}`, &signUp},
		{"duplicate structures do not merge", "SignUp", `{"ClientId":"c","Username":"u","UserContextData":{"IpAddress":"i"},"UserContextData":{"EncodedData":"e"}}`,
			with(func(in *SignUpRequest) { in.UserContextData = &UserContextDataType{EncodedData: "e"} })},
		{"duplicate maps do not merge", "SignUp", `{"ClientId":"c","Username":"u","ClientMetadata":{"a":"1"},"ClientMetadata":{"b":"2"}}`,
			with(func(in *SignUpRequest) { in.ClientMetadata = map[string]string{"b": "2"} })},
		{"null in a map", "SignUp", `{"ClientId":"c","Username":"u","ClientMetadata":{"a":null,"b":"2","c":"3","c":null,"d":null,"d":"4"}}`,
			with(func(in *SignUpRequest) { in.ClientMetadata = map[string]string{"b": "2", "d": "4"} })},
		{"empty list and map", "SignUp", `{"ClientId":"c","Username":"u","ClientMetadata":{},"UserAttributes":[]}`,
			with(func(in *SignUpRequest) { in.ClientMetadata, in.UserAttributes = map[string]string{}, []AttributeType{} })},
		{"list of structures", "SignUp", `{"ClientId":"c","Username":"u","UserAttributes":[{"Name":"a","Value":"1"},{"Name":"b"}]}`,
			with(func(in *SignUpRequest) { in.UserAttributes = []AttributeType{{Name: "a", Value: "1"}, {Name: "b"}} })},
		{"escapes", "SignUp", `{"\u0043lientId":"c","Username":"\ud83d\udd11\u00e9\"\/"}`,
			with(func(in *SignUpRequest) { in.Username = "🔑é\"/" })},
		{"empty body", "ListUserPools", "", nil},
		{"blank body", "ListUserPools", " \n", nil},
		{"scalars", "ListUserPools", `{"MaxResults":60,"NextToken":"n"}`, &ListUserPoolsRequest{MaxResults: 60, NextToken: "n"}},
		{"optional scalars", "AdminCreateUser", `{"UserPoolId":"p_1","Username":"u","ForceAliasCreation":true,"MessageAction":"RESEND"}`,
			&AdminCreateUserRequest{UserPoolID: "p_1", Username: "u", ForceAliasCreation: &yes, MessageAction: MessageActionTypeResend}},
		{"nested", "UpdateUserPool", `{"UserPoolId":"p_1","Policies":{"PasswordPolicy":{"PasswordHistorySize":3}},"UserPoolTags":{"k":""}}`,
			&UpdateUserPoolRequest{UserPoolID: "p_1", Policies: &UserPoolPolicyType{PasswordPolicy: &PasswordPolicyType{PasswordHistorySize: &three}}, UserPoolTags: map[string]string{"k": ""}}},
		{"map of structures", "UpdateUserPool", `{"UserPoolId":"p_1","AcrConfiguration":{"Level1":{"AcrValue":"a"}}}`,
			&UpdateUserPoolRequest{UserPoolID: "p_1", ACRConfiguration: map[string]ACRLevelConfigType{"Level1": {ACRValue: "a"}}}},
		{"list of an enumeration", "CreateUserPoolClient", `{"UserPoolId":"p_1","ClientName":"n","AllowedOAuthFlows":["code"]}`,
			&CreateUserPoolClientRequest{UserPoolID: "p_1", ClientName: "n", AllowedOAuthFlows: []OAuthFlowType{OAuthFlowTypeCode}}},
		{"blob", "SetUICustomization", `{"UserPoolId":"p_1","ImageFile":"+/8="}`, &SetUICustomizationRequest{UserPoolID: "p_1", ImageFile: []byte{0xFB, 0xFF}}},
		{"document", "CompleteWebAuthnRegistration", `{"AccessToken":"t","Credential": {"id": "\u0061", "n":1.50, "l":[null]} }`,
			&CompleteWebAuthnRegistrationRequest{AccessToken: "t", Credential: jsontext.Value(`{"id": "\u0061", "n":1.50, "l":[null]}`)}},
		{"document of a string", "CompleteWebAuthnRegistration", `{"AccessToken":"t","Credential":"c"}`,
			&CompleteWebAuthnRegistrationRequest{AccessToken: "t", Credential: jsontext.Value(`"c"`)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := operationNamed(t, tt.operation).Decode([]byte(tt.body))
			if tt.want == nil { // an empty object, which lacks MaxResults
				if err == nil || !strings.Contains(err.Error(), "Value null at 'maxResults'") {
					t.Errorf("got %v, %v", got, err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %#v, %v; want %#v", got, err, tt.want)
			}
		})
	}
}

func TestDecodeRefusesForm(t *testing.T) {
	const (
		malformed = "The request body is not valid JSON."
		notObject = "The request body must be a JSON object."
		tooDeep   = "The request body is nested too deeply."
	)
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	tests := []struct {
		name      string
		operation string
		body      string
		want      string // empty: the form is accepted
	}{
		{"not JSON", "SignUp", `SECRET`, malformed},
		{"cut", "SignUp", `{"Username":"SECRET`, malformed},
		{"cut after a name", "SignUp", `{"Username"`, malformed},
		{"no value", "SignUp", `{"Username":}`, malformed},
		{"trailing comma", "SignUp", `{"Username":"SECRET",}`, malformed},
		{"wrong bracket", "SignUp", `{"UserAttributes":[}`, malformed},
		{"trailing data", "SignUp", `{}{}`, malformed},
		{"trailing text", "SignUp", `{} SECRET`, malformed},
		{"invalid UTF-8", "SignUp", "{\"Username\":\"SECRET\xff\"}", malformed},
		{"invalid UTF-8 in an unknown member", "SignUp", "{\"X\":\"\xff\"}", malformed},
		{"lone surrogate", "SignUp", `{"Username":"\ud800SECRET"}`, malformed},
		{"control character", "SignUp", "{\"Username\":\"a\nb\"}", malformed},
		{"comment", "SignUp", `{/**/}`, malformed},
		{"byte order mark", "SignUp", "\uFEFF{}", malformed},
		{"null", "SignUp", `null`, notObject},
		{"list", "SignUp", `[]`, notObject},
		{"string", "SignUp", `"SECRET"`, notObject},
		{"number for a string", "SignUp", `{"Username":12345}`, "NUMBER_VALUE can not be converted to a String"},
		{"boolean for a string", "SignUp", `{"Username":true}`, "TRUE_VALUE can not be converted to a String"},
		{"object for a string", "SignUp", `{"Username":{"SECRET":1}}`, "Start of structure or map found where not expected."},
		{"list for a structure", "SignUp", `{"UserContextData":["SECRET"]}`, "Start of list found where not expected"},
		{"object for a list", "SignUp", `{"UserAttributes":{}}`, "Start of structure or map found where not expected."},
		{"string for a list", "SignUp", `{"UserAttributes":"SECRET"}`, "STRING_VALUE can not be converted to a List"},
		{"string for a structure", "SignUp", `{"UserContextData":"SECRET"}`, "STRING_VALUE can not be converted to a Structure"},
		{"string in a list of structures", "SignUp", `{"UserAttributes":["SECRET"]}`, "STRING_VALUE can not be converted to a Structure"},
		{"number in a map", "SignUp", `{"ClientMetadata":{"SECRET":1}}`, "NUMBER_VALUE can not be converted to a String"},
		{"string for a map", "SignUp", `{"ClientMetadata":"SECRET"}`, "STRING_VALUE can not be converted to a Map"},
		{"string for an integer", "ListUserPools", `{"MaxResults":"10"}`, "STRING_VALUE can not be converted to an Integer"},
		{"fraction", "ListUserPools", `{"MaxResults":1.5}`, "NUMBER_VALUE can not be converted to an Integer"},
		{"exponent", "ListUserPools", `{"MaxResults":1e1}`, "NUMBER_VALUE can not be converted to an Integer"},
		{"over 32 bits", "ListUserPools", `{"MaxResults":2147483648}`, "NUMBER_VALUE can not be converted to an Integer"},
		{"string for a boolean", "AdminCreateUser", `{"ForceAliasCreation":"true"}`, "STRING_VALUE can not be converted to a Boolean"},
		{"bad base64", "SetUICustomization", `{"ImageFile":"SECRET!"}`, "STRING_VALUE is not valid base64"},
		{"unpadded base64", "SetUICustomization", `{"ImageFile":"+/8"}`, "STRING_VALUE is not valid base64"},
		{"deep document", "CompleteWebAuthnRegistration", `{"Credential":` + nested(64) + `}`, tooDeep},
		{"deep enough document", "CompleteWebAuthnRegistration", `{"AccessToken":"t","Credential":` + nested(63) + `}`, ""},
		{"deep unknown member", "SignUp", `{"X":` + nested(64) + `}`, tooDeep},
		{"very deep", "SignUp", `{"X":` + nested(100_000) + `}`, malformed},
		{"brackets in a string", "CompleteWebAuthnRegistration", `{"AccessToken":"t","Credential":"\"` + strings.Repeat("[", 100) + `"}`, ""},
		{"repeated name in a document", "CompleteWebAuthnRegistration", `{"Credential":{"SECRET":1,"SECRET":2}}`, "A document must not repeat a name in one object."},
		{"too many elements", "SignUp", `{"UserAttributes":[` + strings.Repeat("{},", 60_000) + `{}]}`, "The request body holds too many values."},
		{"too many structures", "SignUp", `{"UserAttributes":[` + strings.Repeat(`{"Name":"a"},`, 20_000) + `{}]}`, "The request body holds too many values."},
		{"too many keys", "SignUp", `{"ClientMetadata":{` + keys(60_000) + `}}`, "The request body holds too many values."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := operationNamed(t, tt.operation).Decode([]byte(tt.body))
			if tt.want == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			e, ok := errors.AsType[*Exception](err)
			if !ok || e.Name != "SerializationException" || e.Status != 400 || e.Message != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// keys returns the inside of an object with n different keys.
func keys(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + strings.Repeat("k", i%7) + string(rune('a'+i%26)) + strings.Repeat("x", i/182) + `":""`)
	}
	return b.String()
}

// TestDecodeLeavesNothingBehind checks that a decoder of the pool starts clean
// after an error, and that requests do not share memory with the body.
func TestDecodeLeavesNothingBehind(t *testing.T) {
	op := operationNamed(t, "CompleteWebAuthnRegistration")
	for _, body := range []string{`{"AccessToken":"a","Credential":[`, `{"AccessToken":1}`, `x`} {
		if _, err := op.Decode([]byte(body)); err == nil {
			t.Fatalf("%s is accepted", body)
		}
	}
	body := []byte(`{"AccessToken":"token","Credential":{"id":"i"}}`)
	original := bytes.Clone(body)
	in, err := op.Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(body, original) {
		t.Errorf("body became %s", body)
	}
	for i := range body {
		body[i] = 'x'
	}
	want := &CompleteWebAuthnRegistrationRequest{AccessToken: "token", Credential: jsontext.Value(`{"id":"i"}`)}
	if !reflect.DeepEqual(in, want) {
		t.Errorf("request became %#v", in)
	}
}

// FuzzDecode holds every operation to three promises: a body is accepted or
// answered by one of two exceptions, messages are bounded, and what is accepted
// means the same to a JSON library that knows nothing of the model.
func FuzzDecode(f *testing.F) {
	f.Add("SignUp", []byte(`{"ClientId":"c","Username":"u","UserAttributes":[{"Name":"a","Value":"1"}],"ClientMetadata":{"a":null}}`))
	f.Add("ListUserPools", []byte(`{"MaxResults":60}`))
	f.Add("CreateUserPoolClient", []byte(`{"UserPoolId":"p_1","ClientName":"n","AllowedOAuthFlows":["code"],"GenerateSecret":true,"RefreshTokenValidity":1}`))
	f.Add("CreateManagedLoginBranding", []byte(`{"UserPoolId":"p_1","ClientId":"c","Settings":{"a":[1.50]},"Assets":[{"Category":"FORM_LOGO","ColorMode":"LIGHT","Extension":"PNG","Bytes":"AAAA"}]}`))
	f.Add("UpdateUserPool", []byte(`{"UserPoolId":"p_1","AcrConfiguration":{"Level1":{"AcrValue":"a"}},"UserPoolTags":{"k":"v"}}`))
	for _, op := range Operations() {
		in := reflect.New(reflect.TypeOf(op.NewInput()).Elem())
		plant(in.Elem(), "", func(string) string { return "a_1" })
		body, err := Encode(in.Interface())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(op.Name, body)
	}
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		op, ok := Lookup(name)
		if !ok {
			op = operations[len(name)%len(operations)]
		}
		in, err := op.Decode(body)
		if err != nil {
			e, ok := errors.AsType[*Exception](err)
			if !ok || (e.Name != "SerializationException" && e.Name != "InvalidParameterException") {
				t.Fatalf("error is %v", err)
			}
			if len(e.Message) > 256<<10 {
				t.Fatalf("message of %d bytes", len(e.Message))
			}
			return
		}
		first, err := Encode(in)
		if err != nil {
			t.Fatal(err)
		}
		other := op.NewInput()
		if err := json.Unmarshal(first, other); err != nil {
			t.Fatalf("%s is not readable: %v", first, err)
		}
		if second, err := Encode(other); err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%s became %s, %v", first, second, err)
		}
		_ = logValue(reflect.ValueOf(in).Elem().Interface()).String()
	})
}

func BenchmarkDecode(b *testing.B) {
	attributes := strings.Repeat(`{"Name":"custom:some_name","Value":"some value"},`, 19) + `{"Name":"email","Value":"user@example.com"}`
	for _, bench := range []struct{ operation, body string }{
		{"GetUser", `{"AccessToken":"` + strings.Repeat("eyJraWQiOiJ-_.", 74)[:1024] + `"}`},
		{"InitiateAuth", `{"AuthFlow":"USER_SRP_AUTH","ClientId":"7b2k4example","AuthParameters":{"USERNAME":"user1","SRP_A":"` + strings.Repeat("0f", 384) + `"},"ClientMetadata":{}}`},
		{"SignUp", `{"ClientId":"7b2k4example","Username":"user1","Password":"Correct-horse-1","UserAttributes":[` + attributes + `]}`},
	} {
		op, body := operationNamed(b, bench.operation), []byte(bench.body)
		b.Run(bench.operation, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := op.Decode(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
