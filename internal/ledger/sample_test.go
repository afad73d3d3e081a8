package ledger

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// What samples name is nowhere.
const (
	noPool   = "us-east-1_Nowhere00"
	noClient = "1nowhere2nowhere3nowhere45"
	noUUID   = "11111111-2222-4333-8444-555555555555"
)

// members are sample values of required members, by name.
var members = M{
	"AccessToken":            "nobodys.access.token",
	"AttributeName":          "email",
	"AuthFlow":               "USER_PASSWORD_AUTH",
	"ChallengeName":          "NEW_PASSWORD_REQUIRED",
	"ClientId":               noClient,
	"ClientName":             "sample",
	"ClientSecretId":         noClient + "--1700000000000",
	"CloudWatchLogsRoleArn":  "arn:aws:iam::123456789012:role/sample",
	"Code":                   "123456",
	"ConfirmationCode":       "123456",
	"Credential":             M{"id": "sample"},
	"CredentialId":           "sample",
	"CustomAttributes":       L{M{"Name": "sample", "AttributeDataType": "String"}},
	"DestinationUser":        M{"ProviderName": "Cognito", "ProviderAttributeName": "Username", "ProviderAttributeValue": "nobody"},
	"DeviceKey":              "us-east-1_" + noUUID,
	"Domain":                 "sample-of-nobody",
	"Enforcement":            "NONE",
	"EventId":                noUUID,
	"FeedbackToken":          "nobodys.feedback.token",
	"FeedbackValue":          "Valid",
	"GroupName":              "sample",
	"IdpIdentifier":          "sample",
	"Identifier":             "https://sample.example.com",
	"JobId":                  "import-nowhere",
	"JobName":                "sample",
	"LimitDefinition":        M{"LimitClass": "API_CATEGORY", "Attributes": M{"Category": "UserAuthentication"}},
	"LogConfigurations":      L{},
	"MFAOptions":             L{M{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}},
	"ManagedLoginBrandingId": noUUID,
	"MaxResults":             10,
	"Name":                   "sample",
	"Password":               password,
	"PoolName":               "sample",
	"ProposedPassword":       password,
	"ProviderDetails":        M{"client_id": "sample", "client_secret": "sample", "authorize_scopes": "openid"},
	"ProviderName":           "Sample",
	"ProviderType":           "Google",
	"RefreshToken":           "nobodys.refresh.token",
	"RegionName":             "us-west-2",
	"RequestedLimitValue":    120,
	"ResourceArn":            "arn:aws:cognito-idp:us-east-1:123456789012:userpool/" + noPool,
	"SSOSession":             M{"MaxValidityMinutes": 60},
	"Secret":                 "sample0sample0sample0sample0",
	"SessionId":              noUUID,
	"SourceUser":             M{"ProviderName": "Sample", "ProviderAttributeName": "Cognito_Subject", "ProviderAttributeValue": "nobody"},
	"Status":                 "ACTIVE",
	"TagKeys":                L{"sample"},
	"Tags":                   M{"sample": "sample"},
	"TermsId":                noUUID,
	"TermsName":              "terms-of-use",
	"TermsSource":            "LINK",
	"Token":                  "nobodys.token",
	"TokenSession":           M{"MaxPerUser": 10},
	"User":                   M{"ProviderName": "Sample", "ProviderAttributeName": "Cognito_Subject", "ProviderAttributeValue": "nobody"},
	"UserAttributeNames":     L{"email"},
	"UserAttributes":         L{M{"Name": "email", "Value": "jane@example.com"}},
	"UserCode":               "123456",
	"UserPoolId":             noPool,
	"UserSessionTracking":    "ENABLED",
	"Username":               "nobody",
}

// samples are members that an operation needs beside those that the model requires, or with other values.
var samples = map[string]M{
	"AssociateSoftwareToken":     {"AccessToken": members["AccessToken"]},
	"VerifySoftwareToken":        {"AccessToken": members["AccessToken"]},
	"UpdateManagedLoginBranding": {"UserPoolId": noPool, "ManagedLoginBrandingId": noUUID},
}

// sample is input for an operation that meets the model's constraints and names nothing that is there.
func sample(operation string) M {
	in := M{}
	for name, m := range inputOf(operation) {
		if m.Required {
			in[name] = members[name]
		}
	}
	return with(in, samples[operation])
}

// takes says whether an operation's input has a member of that name.
func takes(operation, member string) bool {
	_, ok := inputOf(operation)[member]
	return ok
}

// needs says whether the model requires any member.
func needs(operation string) bool {
	for _, m := range inputOf(operation) {
		if m.Required {
			return true
		}
	}
	return false
}

type member struct {
	Required bool `json:"required"`
}

func inputOf(operation string) map[string]member {
	m := model()
	return m.Shapes[m.Operations[operation].Input].Members
}

type apiModel struct {
	Operations map[string]struct {
		Input string `json:"input"`
	} `json:"operations"`
	Shapes map[string]struct {
		Members map[string]member `json:"members"`
	} `json:"shapes"`
}

// model is what internal/wire is generated from.
var model = sync.OnceValue(func() (m apiModel) {
	text, err := os.ReadFile("../wire/model/cognito-idp.json")
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		panic(err)
	}
	return m
})

// Every sample meets the constraints of its operation, and no value is there for nothing.
func TestSamples(t *testing.T) {
	var used []string
	for _, op := range wire.Operations() {
		in := sample(op.Name)
		body, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := op.Decode(body); err != nil {
			t.Errorf("%s: %v", op.Name, err)
		}
		for name := range in {
			used = append(used, name)
		}
	}
	for name := range members {
		if !slices.Contains(used, name) {
			t.Errorf("no sample has %s", name)
		}
	}
	for operation := range samples {
		if _, ok := wire.Lookup(operation); !ok {
			t.Errorf("there is no operation %s", strings.TrimSpace(operation))
		}
	}
}
