using System.CommandLine;
using System.Text.Json;
using Trt.Cpu;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary><c>trt doctor</c>: what is installed, what works, and what to do about the rest.</summary>
internal static class DoctorCommand
{
    private const int Indent = 11;

    public static Command Create(Session session)
    {
        Option<string?> plan = new("--plan") { Description = "A plan: can it run here, and if not, what to do?", HelpName = "FILE" };
        Option<bool> all = new("--all") { Description = "Try every library that is found, not only the one that a program would load." };
        Option<bool> noTry = new("--no-try") { Description = "Only look: build and run nothing." };
        Command command = new("doctor", "Says what is installed, what works, and what to do about the rest. Exit code 0: what is there works; 1: something failed, or there is nothing. "
            + "Example: trt doctor; trt doctor --library /opt/tensorrt --plan model.plan") { plan, all, noTry, CommonOptions.Library };
        command.SetAction(parsed =>
        {
            CpuRuntime.Register();
            TensorRtHealthReport report = TensorRtHealth.Check(new TensorRtHealthOptions
            {
                Library = parsed.GetValue(CommonOptions.Library) switch
                {
                    null => null,
                    "cpu" => new TensorRtOptions { Flavour = Flavour.Cpu },
                    { } path => new TensorRtOptions { LibraryPath = path },
                },
                EveryLibrary = parsed.GetValue(all),
                Try = !parsed.GetValue(noTry),
                Plan = parsed.GetValue(plan),
            });
            if (session.Json)
            {
                using JsonDocument document = JsonDocument.Parse(report.ToJson());
                session.WriteJson(document.WriteTo);
            }
            else
            {
                Print(session.Output, report);
            }

            return report.IsHealthy ? ExitCode.Success : ExitCode.Failure;
        });
        return command;
    }

    private static void Print(TextWriter output, TensorRtHealthReport report)
    {
        TextWrap.Write(output, string.Empty, report.Summary, 0);
        string? area = null;
        foreach (HealthItem item in report.Items)
        {
            if (item.Area != area)
            {
                output.WriteLine();
                output.WriteLine(area = item.Area);
            }

            TextWrap.Write(output, $"  {Word(item.Status)}", $"{item.Name}: {item.Detail}", Indent);
            if (item.Remedy is { } remedy)
            {
                TextWrap.Write(output, "    to do", remedy, Indent);
            }
        }
    }

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Good => "ok",
        HealthStatus.Note => "note",
        HealthStatus.Missing => "warning",
        _ => "failure",
    };
}
