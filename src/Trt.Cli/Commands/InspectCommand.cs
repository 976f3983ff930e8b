using System.CommandLine;

namespace Trt.Cli.Commands;

/// <summary><c>trt inspect FILE</c>: what a file is and holds, told from its content.</summary>
internal static class InspectCommand
{
    private const string Layers = "layers";
    private const string Attributes = "attributes";
    private const string Weights = "weights";

    public static Command Create(Session session)
    {
        Argument<string> file = new("FILE") { Description = "An ONNX model, a plan (of any release, installed or not), weights, a timing or calibration cache, or the folder of an engine cache." };
        Option<string[]> show = ShowOption();
        Command command = new("inspect", "Says what a file is and what is in it. Examples: trt inspect model.plan; trt inspect model.onnx --show layers weights") { file, show, CommonOptions.Library };
        command.SetAction(parsed =>
        {
            List<IDisposable> owned = [];
            try
            {
                Description description = FileDescription.Of(session, parsed.GetValue(file)!, PartsOf(parsed.GetValue(show), parsed.GetValue(CommonOptions.Library)), owned);
                if (session.Json)
                {
                    session.WriteJson(description.Write);
                }
                else
                {
                    description.Print(session.Screen);
                }

                return ExitCode.Success;
            }
            finally
            {
                owned.ForEach(thing => thing.Dispose());
            }
        });
        return command;
    }

    /// <summary>Which parts of models are shown or compared.</summary>
    public static Option<string[]> ShowOption()
    {
        Option<string[]> show = new("--show")
        {
            Description = "More of it: layers (nodes of an ONNX model; layers of a plan, which a library has to load for it), attributes and weights of an ONNX model.",
            HelpName = $"{Layers}|{Attributes}|{Weights}",
            AllowMultipleArgumentsPerToken = true,
        };
        show.AcceptOnlyFromAmong(Layers, Attributes, Weights);
        return show;
    }

    public static Parts PartsOf(string[]? shown, string? library) => new(shown?.Contains(Layers) ?? false, shown?.Contains(Attributes) ?? false, shown?.Contains(Weights) ?? false, library);
}
