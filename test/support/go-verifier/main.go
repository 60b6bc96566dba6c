// Verifies tokens as servers written in Go do: with go-jose, which is in Vault and Consul, and with golang-jwt.
//
// It reads one JSON object from standard input, {"jwksUrl", "secret", "tokens": [{"alg", "jwt"}]}, with the secret in
// base64url and only for HS*, fetches the key set, and prints what each library says of each token, in their order:
// [{"goJose", "golangJwt"}], each "ok" or the library's words.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/golang-jwt/jwt/v5"
)

type input struct {
	JwksURL string `json:"jwksUrl"`
	Secret  string `json:"secret"`
	Tokens  []struct {
		Alg string `json:"alg"`
		JWT string `json:"jwt"`
	} `json:"tokens"`
}

type verdict struct {
	GoJose    string `json:"goJose"`
	GolangJwt string `json:"golangJwt"`
}

func main() {
	var in input
	exitOn(json.NewDecoder(os.Stdin).Decode(&in))
	secret, err := base64.RawURLEncoding.DecodeString(in.Secret)
	exitOn(err)
	set, err := fetch(in.JwksURL)
	exitOn(err)
	verdicts := []verdict{}
	for _, token := range in.Tokens {
		verdicts = append(verdicts, verdict{
			GoJose:    words(withGoJose(token.JWT, token.Alg, set, secret)),
			GolangJwt: words(withGolangJwt(token.JWT, token.Alg, set, secret)),
		})
	}
	exitOn(json.NewEncoder(os.Stdout).Encode(verdicts))
}

func fetch(url string) (*jose.JSONWebKeySet, error) {
	answer, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	set := &jose.JSONWebKeySet{}
	return set, json.NewDecoder(answer.Body).Decode(set)
}

func withGoJose(raw, alg string, set *jose.JSONWebKeySet, secret []byte) error {
	token, err := josejwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
	if err != nil {
		return err
	}
	var key any = set
	if strings.HasPrefix(alg, "HS") {
		key = secret
	}
	return token.Claims(key, &josejwt.Claims{})
}

func withGolangJwt(raw, alg string, set *jose.JSONWebKeySet, secret []byte) error {
	_, err := jwt.Parse(raw, func(token *jwt.Token) (any, error) {
		if strings.HasPrefix(alg, "HS") {
			return secret, nil
		}
		kid, _ := token.Header["kid"].(string)
		keys := set.Key(kid)
		if len(keys) != 1 {
			return nil, fmt.Errorf("%d keys have the kid", len(keys))
		}
		return keys[0].Key, nil
	}, jwt.WithValidMethods([]string{alg}), jwt.WithStrictDecoding())
	return err
}

func words(err error) string {
	if err != nil {
		return err.Error()
	}
	return "ok"
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
