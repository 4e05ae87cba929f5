{{- define "portcullis.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "portcullis.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "portcullis.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "portcullis.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "portcullis.operator" -}}
{{ include "portcullis.fullname" . }}-operator
{{- end }}

{{- define "portcullis.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "portcullis.operator" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name must say which account to use when serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "portcullis.selector" -}}
app.kubernetes.io/name: {{ include "portcullis.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{- define "portcullis.labels" -}}
{{ include "portcullis.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}

{{- /* An image by its values: (dict "root" $ "image" .Values.x.image) */}}
{{- define "portcullis.image" -}}
{{- $name := printf "%s:%s" .image.repository (default .root.Chart.AppVersion .image.tag) }}
{{- if .root.Values.imageRegistry }}
{{- printf "%s/%s" (trimSuffix "/" .root.Values.imageRegistry) $name }}
{{- else }}
{{- $name }}
{{- end }}
{{- end }}
