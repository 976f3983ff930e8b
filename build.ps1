#!/usr/bin/env pwsh
# The commands of this repository; .\build.ps1 help lists them. The work itself is in build/Trt.Build.
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false      # exit codes are looked at below

$program = 'dotnet'
if ($env:OS -eq 'Windows_NT') { $program = 'dotnet.exe' }
$candidates = @()
$onPath = Get-Command 'dotnet' -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
if ($onPath) { $candidates += $onPath.Path }
if ($env:DOTNET_ROOT) { $candidates += Join-Path $env:DOTNET_ROOT $program }
if ($env:LOCALAPPDATA) { $candidates += Join-Path (Join-Path (Join-Path $env:LOCALAPPDATA 'Microsoft') 'dotnet') $program }
if ($env:ProgramFiles) { $candidates += Join-Path (Join-Path $env:ProgramFiles 'dotnet') $program }
if ($env:HOME) { $candidates += Join-Path (Join-Path $env:HOME '.dotnet') $program }

$dotnet = $null
foreach ($candidate in $candidates) {
    if ((Test-Path -LiteralPath $candidate) -and (@(& $candidate --list-sdks) -match '^[1-9][0-9]+\.')) {
        $dotnet = $candidate
        break
    }
}
if (-not $dotnet) {
    Write-Host 'The .NET SDK 10 or newer is needed and was not found. To install it:'
    if ($env:OS -eq 'Windows_NT') { Write-Host '  winget install Microsoft.DotNet.SDK.10' }
    else { Write-Host '  curl -fsSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0' }
    exit 1
}

$env:DOTNET_HOST_PATH = $dotnet
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_NOLOGO = '1'
$env:TRT_REPOSITORY = $PSScriptRoot

$project = Join-Path (Join-Path $PSScriptRoot 'build') 'Trt.Build'
$output = & $dotnet build $project -c Release -nologo -v quiet
if ($LASTEXITCODE -ne 0) {
    $output | Write-Host
    exit 1
}
$tool = Join-Path $project (Join-Path 'bin' (Join-Path 'Release' (Join-Path 'net10.0' 'Trt.Build.dll')))
& $dotnet $tool @args
exit $LASTEXITCODE
