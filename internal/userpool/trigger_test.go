package userpool

import (
	"testing"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestInvoke(t *testing.T) {
	const arn = "arn:aws:lambda:eu-west-1:123456789012:function:f"
	all := []Trigger{
		PreSignUp, PostConfirmation, PreAuthentication, PostAuthentication, PreTokenGeneration, UserMigration,
		CustomMessage, CustomEmailSender, CustomSMSSender,
	}
	tests := []struct {
		name   string
		config *wire.LambdaConfigType
		want   Trigger // "" for none
	}{
		{"no functions", nil, ""},
		{"a function that nothing meets", &wire.LambdaConfigType{DefineAuthChallenge: arn}, ""},
		{"pre sign-up", &wire.LambdaConfigType{PreSignUp: arn}, PreSignUp},
		{"post confirmation", &wire.LambdaConfigType{PostConfirmation: arn}, PostConfirmation},
		{"pre authentication", &wire.LambdaConfigType{PreAuthentication: arn}, PreAuthentication},
		{"post authentication", &wire.LambdaConfigType{PostAuthentication: arn}, PostAuthentication},
		{"pre token generation", &wire.LambdaConfigType{PreTokenGeneration: arn}, PreTokenGeneration},
		{"pre token generation by version", &wire.LambdaConfigType{
			PreTokenGenerationConfig: &wire.PreTokenGenerationVersionConfigType{LambdaARN: arn},
		}, PreTokenGeneration},
		{"user migration", &wire.LambdaConfigType{UserMigration: arn}, UserMigration},
		{"custom message", &wire.LambdaConfigType{CustomMessage: arn}, CustomMessage},
		{"email sender", &wire.LambdaConfigType{CustomEmailSender: &wire.CustomEmailLambdaVersionConfigType{}}, CustomEmailSender},
		{"SMS sender", &wire.LambdaConfigType{CustomSMSSender: &wire.CustomSMSLambdaVersionConfigType{}}, CustomSMSSender},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &Pool{Settings: &wire.UserPoolType{LambdaConfig: tt.config}}
			for _, trigger := range all {
				if err := p.Invoke(trigger); IsCode(err, UnexpectedLambda) != (trigger == tt.want) {
					t.Errorf("%s: got %v", trigger, err)
				}
			}
			byEmail := tt.want == CustomMessage || tt.want == CustomEmailSender
			if err := p.InvokeFor(ByEmail); IsCode(err, UnexpectedLambda) != byEmail {
				t.Errorf("an email: got %v", err)
			}
			bySMS := tt.want == CustomMessage || tt.want == CustomSMSSender
			if err := p.InvokeFor(BySMS); IsCode(err, UnexpectedLambda) != bySMS {
				t.Errorf("a text message: got %v", err)
			}
		})
	}
}
