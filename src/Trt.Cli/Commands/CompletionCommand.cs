using System.CommandLine;

namespace Trt.Cli.Commands;

/// <summary><c>trt completion SHELL</c>: a script that makes a shell complete the tool's commands and options.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _trt() {
            local IFS=$'\n'
            COMPREPLY=($(trt "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null))
        }
        complete -o bashdefault -o default -F _trt trt
        """;

    private const string Zsh = """
        #compdef trt
        _trt() {
            local -a found
            found=("${(@f)$(trt "[suggest:${#BUFFER}]" "${BUFFER}" 2>/dev/null)}")
            if [[ -n "${found[*]}" ]]; then compadd -a found; else _files; fi
        }
        compdef _trt trt
        """;

    private const string Fish = """
        complete -c trt -a '(trt "[suggest:"(string length -- (commandline -cp))"]" (commandline -cp) 2>/dev/null)'
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName trt -ScriptBlock {
            param($word, $line, $position)
            trt "[suggest:$position]" "$line" 2>$null | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
        }
        """;

    private static readonly OrderedDictionary<string, string> Scripts = new() { ["bash"] = Bash, ["zsh"] = Zsh, ["fish"] = Fish, ["pwsh"] = PowerShell };

    public static Command Create(Session session)
    {
        Argument<string> shell = new("SHELL") { Description = "Which shell is to complete." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        Command command = new("completion", "Prints a script that completes commands and options. Examples: source <(trt completion bash); trt completion fish > ~/.config/fish/completions/trt.fish") { shell };
        command.SetAction(parsed =>
        {
            session.Output.WriteLine(Scripts[parsed.GetValue(shell)!]);
            return ExitCode.Success;
        });
        return command;
    }
}
