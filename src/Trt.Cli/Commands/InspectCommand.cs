using System.CommandLine;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary><c>trt inspect FILE</c>: what a file is and holds, told from its content.</summary>
internal static class InspectCommand
{
    public static Command Create(Session session)
    {
        Argument<string> file = new("FILE") { Description = "A plan (of any release, installed or not), or a file of weights." };
        Command command = new("inspect", "Says what a file is and what is in it. Example: trt inspect model.plan") { file };
        command.SetAction(parsed => Inspect(session, parsed.GetValue(file)!));
        return command;
    }

    private static int Inspect(Session session, string path)
    {
        PlanHead head = PlanHead.Read(path);
        if (head.Format != PlanFormat.Unknown)
        {
            Plan(session, head);
            return ExitCode.Success;
        }

        using TorchStateDict weights = TorchStateDict.Open(path);
        WeightsCommand.Print(session, weights, [.. weights.Values]);
        return ExitCode.Success;
    }

    private static void Plan(Session session, PlanHead head)
    {
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteStartObject();
                json.WriteString("path", head.Path);
                json.WriteString("format", head.Format.ToString());
                json.WriteString("producer", head.Producer);
                json.WriteString("release", head.Release?.ToString());
                json.WriteString("network", head.NetworkName);
                json.WriteString("problem", head.Problem);
                json.WriteStartArray("blocks");
                foreach (PlanBlock block in head.Blocks)
                {
                    json.WriteStartObject();
                    json.WriteString("kind", block.Kind.ToString());
                    json.WriteNumber("offset", block.Offset);
                    json.WriteNumber("length", block.Length);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            });
            return;
        }

        session.Screen.Facts(
            ("plan", head.Path),
            ("made by", head.Producer),
            ("network", head.NetworkName),
            ("length", head.Length is { } length ? Units.Bytes(length) : null),
            ("capability", string.Join(", ", head.ComputeCapabilities)),
            ("blocks", string.Join("\n", head.Blocks.Select(block => $"{block.Kind}, {Units.Bytes(block.Length)} at {block.Offset}"))),
            ("problem", head.Problem));
    }
}
