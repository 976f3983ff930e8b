using System.CommandLine.Parsing;
using System.Diagnostics;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>A part fails when a program of the user's says so by its exit code. It is started without a shell.</summary>
/// <param name="command">The program and its arguments; <c>{}</c> stands for the part's file, <c>{against}</c> for that of the other model, <c>{inputs}</c> for an .npz file with the part's inputs.</param>
/// <param name="failCode">The exit code that means failure; null: any but 0.</param>
/// <param name="session">Shows the program's output when asked; its token ends the program.</param>
internal sealed class CommandCheck(string command, int? failCode, Session session) : ReductionCheck, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trt-reduce-").FullName;
    private readonly string[] words = [.. CommandLineParser.SplitCommandLine(command)];

    public override bool Fails(OnnxCandidate candidate)
    {
        string model = Path.Combine(folder, "model.onnx"), against = Path.Combine(folder, "against.onnx"), inputs = Path.Combine(folder, "inputs.npz");
        candidate.Model.Save(model);
        candidate.Against?.Save(against);
        if (command.Contains("{inputs}", StringComparison.Ordinal))
        {
            SampleFile.Write(inputs, [candidate.Inputs]);
        }

        ProcessStartInfo start = new(words[0]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (string word in words.Skip(1))
        {
            start.ArgumentList.Add(word.Replace("{}", model, StringComparison.Ordinal).Replace("{against}", against, StringComparison.Ordinal).Replace("{inputs}", inputs, StringComparison.Ordinal));
        }

        int code = Run(start);
        return (failCode is { } wanted ? code == wanted : code != 0) && Failed($"{words[0]} ended with exit code {code}");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private int Run(ProcessStartInfo start)
    {
        using Process process = new() { StartInfo = start };
        process.OutputDataReceived += Show;
        process.ErrorDataReceived += Show;
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new UserError($"--check: {words[0]} cannot be started: {error.Message}. It is started without a shell; name the program's file, and a shell where you need one.");
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            process.WaitForExitAsync(session.Cancellation).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return process.ExitCode;
    }

    private void Show(object sender, DataReceivedEventArgs line)
    {
        if (session.Verbose && line.Data is { } text)
        {
            lock (session.Error)
            {
                session.Error.WriteLine(text);
            }
        }
    }
}
